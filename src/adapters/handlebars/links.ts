/**
 * Keeps values out of the scheme of links. While the HTML is rendered each value stands between two marks, code points
 * that Unicode reserves for a program's own use and no text contains (noncharacters, Unicode 23.7). So it shows afterwards
 * which links a value took part in: those must be web, mail or telephone addresses, or relative. The template's own are its author's.
 */
const open = '\uFDD0';
const close = '\uFDD1';

/** The value between marks; marks that it brings along are dropped. */
export function marked(value: string): string {
  return value === '' ? '' : open + withoutMarks(value) + close;
}

/** The value, or a whole page, without marks. */
export function withoutMarks(value: string): string {
  return value.replace(/[\uFDD0\uFDD1]/g, '');
}

/** The page without marks, its links that a value could have turned into programs or files going nowhere. */
export function withSafeLinks(html: string): string {
  if (!html.includes(open)) return html;
  const safe = html.replace(linkAttribute, (attribute, start: string, quoted: string) =>
    quoted.includes(open) && !isSafe(withoutMarks(quoted.replace(/^["']|["']$/g, ''))) ? `${start}"#"` : attribute,
  );
  return withoutMarks(safe);
}

/** Every attribute of HTML whose value a client may follow or load. */
const linkAttribute =
  /((?<![\w:-])(?:href|src|srcset|action|formaction|background|poster|cite|data|longdesc|ping|xlink:href)\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>][^\s>]*)/gi;

/** A colon before any of `/?#` ends a scheme (RFC 3986 4.2), also where a client drops characters within it: then it is a known one. */
function isSafe(link: string): boolean {
  const url = withoutEntities(link).trim();
  return !/^[^/?#]*:/.test(url) || /^(?:https?|mailto|tel):/i.test(url);
}

/** Entities decoded until none is left: there are mail clients that decode twice. */
function withoutEntities(text: string): string {
  const once = text.replace(/&(#x[0-9a-f]+|#[0-9]+|amp|colon|tab|newline);?/gi, (_, name: string) => decoded(name));
  return once === text ? text : withoutEntities(once);
}

function decoded(entity: string): string {
  const named = { amp: '&', colon: ':', tab: '\t', newline: '\n' }[entity.toLowerCase()];
  if (named !== undefined) return named;
  const code = /^#x/i.test(entity) ? parseInt(entity.slice(2), 16) : parseInt(entity.slice(1), 10);
  return code <= 0x10ffff ? String.fromCodePoint(code) : '';
}
