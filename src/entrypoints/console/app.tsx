import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { tokenWanted } from './api.ts';
import { useWords, switchLanguage } from './language.ts';
import { DeadLettersPage } from './pages/dead-letters.tsx';
import { HistoryPage } from './pages/history.tsx';
import { ImportPage } from './pages/import.tsx';
import { NotFoundPage } from './pages/not-found.tsx';
import { PreviewPage } from './pages/preview.tsx';
import { StartPage } from './pages/start.tsx';
import { TokenPage } from './pages/token.tsx';
import { UserPage } from './pages/user.tsx';
import { UsersPage } from './pages/users.tsx';
import { ConnectionBanner } from './parts/connection-banner.tsx';
import { useIntake } from './parts/intake.ts';
import { route, type Route } from './route.ts';
import { useStore } from './store.ts';

/** The whole console: the menu, and the page that the address names. */
export function App() {
  const words = useWords();
  const here = useStore(route);
  const isLocked = useStore(tokenWanted);
  useIntake();
  useEffect(() => {
    document.documentElement.lang = words.locale;
  }, [words]);
  const main = useRef<HTMLElement>(null);
  const place = here.path.join('/');
  const before = useRef(place);
  useEffect(() => {
    // Whoever listens or goes by keyboard begins at the new page's heading.
    if (before.current !== place) main.current?.querySelector('h1')?.focus();
    before.current = place;
  }, [place]);
  return (
    <>
      <a class="skip" href="#main" onClick={skipTo(main)}>
        {words.nav.skip}
      </a>
      <header class="top">
        <a class="brand" href="#/">
          <Mark />
          Rollcall
        </a>
        <nav aria-label={words.nav.label}>
          <NavLink to="/" current={['', 'new'].includes(here.path[0] ?? '')} label={words.nav.import} />
          <NavLink to="/imports" current={here.path[0] === 'imports'} label={words.nav.imports} />
          <NavLink to="/users" current={here.path[0] === 'users'} label={words.nav.users} />
          <NavLink to="/dead-letters" current={here.path[0] === 'dead-letters'} label={words.nav.letters} />
        </nav>
        <button type="button" class="quiet language" lang={words.locale === 'en' ? 'zh-CN' : 'en'} onClick={switchLanguage}>
          {words.language.other}
        </button>
      </header>
      <ConnectionBanner />
      <main id="main" ref={main} tabIndex={-1}>
        {isLocked ? <TokenPage /> : pageOf(here)}
      </main>
    </>
  );
}

function pageOf({ path: [room, id, ...rest] }: Route): VNode {
  if (rest.length > 0) return <NotFoundPage />;
  switch (room) {
    case undefined:
      return <StartPage />;
    case 'new':
      return <PreviewPage />;
    case 'imports':
      return id === undefined ? <HistoryPage /> : <ImportPage key={id} id={id} />;
    case 'users':
      return id === undefined ? <UsersPage /> : <UserPage key={id} id={id} />;
    case 'dead-letters':
      return <DeadLettersPage />;
    default:
      return <NotFoundPage />;
  }
}

function NavLink({ to, current, label }: { readonly to: string; readonly current: boolean; readonly label: string }) {
  return (
    <a href={`#${to}`} aria-current={current ? 'page' : undefined}>
      {label}
    </a>
  );
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M8 10.5h9M8 16h6M8 21.5h5" />
      <path d="m17.5 19.5 3 3 5-7" />
    </svg>
  );
}

/** The address is the console's own: a jump must not change it. */
function skipTo(main: { readonly current: HTMLElement | null }): (event: Event) => void {
  return (event) => {
    event.preventDefault();
    main.current?.focus();
  };
}
