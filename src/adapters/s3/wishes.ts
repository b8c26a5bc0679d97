import type { ImportWishes } from '../../ports/upload-tickets.ts';

/** All of an object's own metadata together, names and values, in bytes (S3 User Guide, "Working with object metadata"). */
export const mostMetadataBytes = 2_048;

/**
 * Wishes as the user-defined metadata of an object, each under its own name. Values are URL-encoded, for metadata is ASCII:
 *
 *     rollcall-encoding      gb18030
 *     rollcall-delimiter     %3B
 *     rollcall-map-email     E-mail%20address
 *     rollcall-map-name      2
 *     rollcall-keep          city,birth%20year
 *     rollcall-on-existing   skip | update
 *     rollcall-welcome       yes | no
 *
 * Whoever copies a file into the bucket by hand can set them, too; other names that begin with `rollcall-` are an error.
 */
export function metadataOf({ encoding, delimiter, map, keep, onExisting, welcome }: ImportWishes): Record<string, string> {
  const said: Record<WishName, string | undefined> = {
    encoding: encoded(encoding),
    delimiter: encoded(delimiter),
    'map-email': encoded(map?.email),
    'map-name': encoded(map?.name),
    keep: keep && keep.length > 0 ? keep.map(encodeURIComponent).join(',') : undefined,
    'on-existing': onExisting,
    welcome: welcome === undefined ? undefined : welcome ? 'yes' : 'no',
  };
  return Object.fromEntries(Object.entries(said).flatMap(([name, value]) => (value === undefined ? [] : [[`${prefix}${name}`, value]])));
}

/** The wishes in an object's metadata, or what is wrong with them. */
export function wishesIn(metadata: Readonly<Record<string, string>>): ImportWishes | string {
  const said = new Map<WishName, string>();
  for (const [name, value] of Object.entries(metadata)) {
    if (!name.startsWith(prefix)) continue;
    const wish = wishNames.find((known) => `${prefix}${known}` === name);
    if (!wish) return `${name} is no wish; there are ${wishNames.map((known) => prefix + known).join(', ')}`;
    said.set(wish, value);
  }
  try {
    return readWishes(said);
  } catch (error) {
    if (error instanceof URIError) return 'a value is not URL-encoded: write % as %25';
    throw error;
  }
}

const prefix = 'rollcall-';
const wishNames = ['encoding', 'delimiter', 'map-email', 'map-name', 'keep', 'on-existing', 'welcome'] as const;
type WishName = (typeof wishNames)[number];

function readWishes(said: ReadonlyMap<WishName, string>): ImportWishes | string {
  const read = (name: WishName): string | undefined => {
    const value = said.get(name);
    return value === undefined ? undefined : decodeURIComponent(value);
  };
  const [encoding, delimiter, email, name] = [read('encoding'), read('delimiter'), read('map-email'), read('map-name')];
  const onExisting = said.get('on-existing');
  if (onExisting !== undefined && onExisting !== 'skip' && onExisting !== 'update') return `${prefix}on-existing is skip or update`;
  const welcome = said.get('welcome');
  if (welcome !== undefined && welcome !== 'yes' && welcome !== 'no') return `${prefix}welcome is yes or no`;
  const keep = said.get('keep');
  return {
    ...(encoding !== undefined && { encoding }),
    ...(delimiter !== undefined && { delimiter }),
    ...((email !== undefined || name !== undefined) && {
      map: { ...(email !== undefined && { email }), ...(name !== undefined && { name }) },
    }),
    ...(keep !== undefined && { keep: keep.split(',').map(decodeURIComponent) }),
    ...(onExisting !== undefined && { onExisting }),
    ...(welcome !== undefined && { welcome: welcome === 'yes' }),
  };
}

function encoded(value: string | undefined): string | undefined {
  return value === undefined ? undefined : encodeURIComponent(value);
}
