import { answerTo, ask, type ImportView, Problem, Unreachable } from './api.ts';
import { lost, whenConnected } from './connection.ts';

/** How often an import is asked for where its events cannot be streamed, in milliseconds. */
const pollMs = 2_000;

/**
 * Tells of an import whenever something has changed, until it is over or `stop` aborts. It goes on by itself when the connection is lost and
 * comes back; where events cannot be streamed, it asks from time to time. @throws Problem where there is no such import
 */
export async function watchImport(id: string, tell: (view: ImportView) => void, stop: AbortSignal): Promise<void> {
  let last: ImportView | undefined;
  const hear = (view: ImportView): void => tell((last = view));
  for (let over = false; !over && !stop.aborted;) {
    try {
      const answer = await answerTo(`/imports/${id}/events`, { signal: stop });
      const isStream = answer.headers.get('Content-Type')?.startsWith('text/event-stream') ?? false;
      over = isStream && answer.body ? await followed(answer.body, hear) : await polled(id, hear, stop);
      // A welcome that failed is over for the server, and yet somebody may try it again.
      if (over && last && last.failed > 0) over = await polled(id, hear, stop);
      // A stream that ends before the import does is one whose server was stopped.
      if (!over) lost();
    } catch (error) {
      if (stop.aborted) return;
      if (error instanceof Problem) {
        if (error.code !== 'too-many-watchers' && error.code !== 'unavailable') throw error;
        over = await polled(id, hear, stop);
      } else if (!(error instanceof Unreachable)) lost();
    }
    await whenConnected(stop);
  }
}

/** Reads server-sent events (HTML, 9.2), each of one line of data. @returns whether the import is over */
async function followed(body: ReadableStream<Uint8Array<ArrayBuffer>>, tell: (view: ImportView) => void): Promise<boolean> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return false;
    const events = (rest + value).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
      if (name === 'end') return true;
      if (data !== undefined) tell(JSON.parse(data) as ImportView);
    }
  }
}

async function polled(id: string, tell: (view: ImportView) => void, stop: AbortSignal): Promise<boolean> {
  while (!stop.aborted) {
    const view = await ask<ImportView>(`/imports/${id}`, { signal: stop });
    tell(view);
    if (view.state === 'refused' || (view.state === 'completed' && view.waiting === 0 && view.failed === 0)) return true;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return false;
}
