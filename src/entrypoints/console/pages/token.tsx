import { keepToken } from '../api.ts';
import { useWords } from '../language.ts';
import { Heading } from '../parts/heading.tsx';

/** Asks for the server's token. */
export function TokenPage() {
  const { token } = useWords();
  return (
    <>
      <Heading title={token.title} />
      <p class="lead">{token.why}</p>
      <form
        class="search"
        onSubmit={(event) => {
          event.preventDefault();
          const given = new FormData(event.currentTarget).get('token');
          if (typeof given === 'string' && given.trim() !== '') keepToken(given.trim());
        }}
      >
        <label>
          {token.label}
          <input type="password" name="token" autocomplete="off" required />
        </label>
        <button type="submit" class="primary">
          {token.enter}
        </button>
      </form>
    </>
  );
}
