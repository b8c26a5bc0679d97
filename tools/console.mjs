/**
 * Bundles the console for the browser: its page, one script, one style sheet and its icon. All but the page have their content's hash in their
 * names, so that a browser may keep them for good.
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const root = join(import.meta.dirname, '..');
/** The pages that browsers are given. */
const pages = 'src/entrypoints/console';

/**
 * @param build esbuild's
 * @returns the files: name and bytes, sorted by name
 */
export async function consoleFiles(build) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [
      { in: `${pages}/main.tsx`, out: 'console' },
      { in: `${pages}/style/main.css`, out: 'console' },
      { in: `${pages}/icon.svg`, out: 'icon' },
    ],
    entryNames: '[name]-[hash]',
    loader: { '.svg': 'copy' },
    outdir: 'console',
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    logLevel: 'warning',
  });
  let page = readFileSync(join(root, pages, 'index.html'), 'utf8');
  const files = outputFiles.map(({ path, contents }) => [basename(path), contents]);
  for (const [name] of files) page = page.replace(`/${name.replace(/-\w{8}\./, '.')}`, `/${name}`);
  return [...files, ['index.html', Buffer.from(page)]].sort(([a], [b]) => (a < b ? -1 : 1));
}
