import type { PreviewView } from '../api.ts';
import { useWords } from '../language.ts';
import type { Wish } from '../upload.ts';

/** What people's files are in. */
const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'gb18030', 'shift_jis'];
const delimiters = [',', ';', '\t', '|'];

type Amend = (changes: Readonly<Record<string, string | undefined>>) => void;

/** How the file is read, and what a known address means. What was detected is the first choice of each. */
export function ReadingChoices({
  wish,
  preview,
  amend,
}: {
  readonly wish: Wish;
  readonly preview: PreviewView | undefined;
  readonly amend: Amend;
}) {
  const { preview: words } = useWords();
  const named = (delimiter: string): string => words.delimiters[delimiter] ?? delimiter;
  return (
    <div class="choices">
      <Choice
        label={words.encoding}
        value={wish.encoding}
        detected={wish.encoding === undefined ? preview?.encoding : undefined}
        options={encodings.map((name) => [name, name])}
        choose={(encoding) => amend({ encoding })}
      />
      <Choice
        label={words.delimiter}
        value={wish.delimiter}
        detected={wish.delimiter === undefined && preview ? named(preview.delimiter) : undefined}
        options={delimiters.map((delimiter) => [delimiter === '\t' ? 'tab' : delimiter, named(delimiter)])}
        choose={(delimiter) => amend({ delimiter })}
      />
      <label>
        {words.existing}
        <select
          value={wish.onExisting}
          onChange={({ currentTarget }) => amend({ onExisting: currentTarget.value === 'update' ? 'update' : undefined })}
        >
          <option value="skip">{words.skip}</option>
          <option value="update">{words.update}</option>
        </select>
      </label>
    </div>
  );
}

function Choice({
  label,
  value,
  detected,
  options,
  choose,
}: {
  readonly label: string;
  readonly value: string | undefined;
  readonly detected: string | undefined;
  readonly options: readonly (readonly [value: string, label: string])[];
  readonly choose: (value: string | undefined) => void;
}) {
  const { preview: words } = useWords();
  return (
    <label>
      {label}
      <select value={value ?? ''} onChange={({ currentTarget }) => choose(currentTarget.value === '' ? undefined : currentTarget.value)}>
        <option value="">{words.detected(detected ?? '…')}</option>
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
