import { render } from 'preact';
import { App } from './app.tsx';

/** The head of the page is there already: it is painted first, and what follows comes with the frame after it. */
function start(): void {
  render(<App />, document.body);
}

// A page that nobody sees has no frames.
if (document.hidden) start();
else requestAnimationFrame(() => setTimeout(start));
