import { useEffect, useRef, useState } from 'preact/hooks';
import type { UserView } from '../api.ts';
import { useList } from '../asking.ts';
import { useShown, useWords } from '../language.ts';
import { Empty } from '../parts/empty.tsx';
import { Heading } from '../parts/heading.tsx';
import { ListEnd } from '../parts/list-end.tsx';
import { amend, route } from '../route.ts';
import { useStore } from '../store.ts';

/** How long after the last key it is searched, in milliseconds. */
const pauseMs = 200;

/** The users, searched by the beginning of their address. */
export function UsersPage() {
  const { users } = useWords();
  const shown = useShown();
  const asked = useStore(route).query.get('email') ?? '';
  const [typed, setTyped] = useState(asked);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => {
    // Whoever is typing is further than the address.
    if (timer.current === undefined) setTyped(asked);
  }, [asked]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (text: string): void => {
    setTyped(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      timer.current = undefined;
      amend({ email: text === '' ? undefined : text });
    }, pauseMs);
  };
  const list = useList<UserView>(`/users?${new URLSearchParams({ limit: '50', ...(asked !== '' && { email: asked }) }).toString()}`);
  return (
    <>
      <Heading title={users.title} />
      <div class="search" role="search">
        <label>
          {users.search}
          <input
            type="search"
            value={typed}
            autocomplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) => type(currentTarget.value)}
          />
        </label>
      </div>
      {list.items?.length === 0 &&
        (asked === '' ? (
          <Empty title={users.none} hint={users.noneHint} />
        ) : (
          <Empty title={users.noneFound(asked)} hint={users.noneFoundHint} />
        ))}
      {list.items && list.items.length > 0 && (
        <table class="list">
          <thead>
            <tr>
              <th scope="col">{users.email}</th>
              <th scope="col">{users.name}</th>
              <th scope="col">{users.welcome}</th>
              <th scope="col">{users.import}</th>
            </tr>
          </thead>
          <tbody>
            {list.items.map((user) => (
              <tr key={user.id}>
                <td class="main">
                  <a href={`#/users/${user.id}`}>{user.email}</a>
                </td>
                <td class="text" data-label={users.name}>
                  {user.name}
                </td>
                <td data-label={users.welcome}>
                  <span class={`state welcome-${user.welcome.replace(' ', '-')}`}>{users.states[user.welcome]}</span>
                </td>
                <td class="faint" data-label={users.import}>
                  <a href={`#/imports/${user.import}`}>{users.row(shown.count(user.row))}</a>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <ListEnd list={list} />
    </>
  );
}
