import { Store } from './store.ts';

/** Where the person is: the part of the address behind `#`. A reload comes back to it. */
export interface Route {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

export const route = new Store(current());
addEventListener('hashchange', () => route.set(current()));

/** Goes to a place, such as `/imports/3f2a`. */
export function go(place: string): void {
  location.hash = place;
}

/** Changes the query of the place where the person is; "back" does not come by it. */
export function amend(changes: Readonly<Record<string, string | readonly string[] | undefined>>): void {
  const { path, query } = current();
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name);
    for (const one of value === undefined ? [] : typeof value === 'string' ? [value] : value) query.append(name, one);
  }
  history.replaceState(null, '', `#/${path.map(encodeURIComponent).join('/')}${query.size > 0 ? `?${query.toString()}` : ''}`);
  route.set(current());
}

function current(): Route {
  const [path = '', query = ''] = location.hash.slice(1).split(/\?(.*)/s, 2);
  return { path: path.split('/').filter(Boolean).map(decoded), query: new URLSearchParams(query) };
}

/** Whatever a person types into the address must lead somewhere. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}
