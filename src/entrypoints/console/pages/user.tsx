import type { UserView } from '../api.ts';
import { useAsked } from '../asking.ts';
import { useShown, useWords } from '../language.ts';
import { Heading } from '../parts/heading.tsx';
import { Mail } from '../parts/mail.tsx';
import { TroublePage } from '../parts/trouble.tsx';

/** A user, and the welcome that it got. */
export function UserPage({ id }: { readonly id: string }) {
  const { users, loading } = useWords();
  const shown = useShown();
  const { value: user, problem } = useAsked<UserView>(`/users/${encodeURIComponent(id)}`);
  if (problem) return <TroublePage problem={problem} />;
  if (!user) return <p class="note">{loading}</p>;
  return (
    <>
      <Heading title={user.name} />
      <dl class="card">
        <dt>{users.email}</dt>
        <dd>{user.email}</dd>
        {Object.entries(user.attributes ?? {}).map(([name, value]) => [<dt key={`${name}-name`}>{name}</dt>, <dd key={name}>{value}</dd>])}
        <dt>{users.import}</dt>
        <dd>
          <a href={`#/imports/${user.import}`}>{users.row(shown.count(user.row))}</a>
        </dd>
        <dt>{users.welcome}</dt>
        <dd>
          <span class={`state welcome-${user.welcome.replace(' ', '-')}`}>{users.states[user.welcome]}</span>
          {user.welcomeAt !== undefined && <span class="faint"> {shown.time(user.welcomeAt)}</span>}
        </dd>
        {user.cause !== undefined && [<dt key="cause-name">{users.cause}</dt>, <dd key="cause">{user.cause}</dd>]}
      </dl>
      <Mail user={user} />
    </>
  );
}
