import { useState } from 'preact/hooks';
import type { MailView, UserView } from '../api.ts';
import { useAsked } from '../asking.ts';
import { useShown, useWords } from '../language.ts';
import { Trouble } from './trouble.tsx';

/** The welcome that a user got, as it was sent. Its HTML has a frame of its own, in which nothing runs and from which nothing is loaded. */
export function Mail({ user }: { readonly user: UserView }) {
  const { users, loading } = useWords();
  const shown = useShown();
  const { value: mail, problem } = useAsked<MailView>(`/mail/${user.id}`);
  const [asText, setAsText] = useState(false);
  const label = (text: boolean): string => (text ? users.text : users.html);
  return (
    <section class="mail" aria-labelledby="mail-title">
      <h2 id="mail-title">{users.mail}</h2>
      {problem ? <Trouble problem={problem} /> : !mail && <p class="note">{loading}</p>}
      {mail && (
        <>
          <dl class="card">
            <dt>{users.from}</dt>
            <dd>{mail.from}</dd>
            <dt>{users.to}</dt>
            <dd>{mail.to}</dd>
            <dt>{users.subject}</dt>
            <dd>{mail.subject}</dd>
            <dt>{users.date}</dt>
            <dd>{Number.isNaN(Date.parse(mail.date)) ? mail.date : shown.time(mail.date)}</dd>
          </dl>
          <div class="actions">
            {[false, true].map((text) => (
              <button key={label(text)} type="button" class="quiet" aria-pressed={asText === text} onClick={() => setAsText(text)}>
                {label(text)}
              </button>
            ))}
          </div>
          {asText ? <pre class="letter">{mail.text}</pre> : <iframe class="letter" title={users.frame} sandbox="" src={mail.page} />}
        </>
      )}
    </section>
  );
}
