import { answerTo, ask, type ImportView, Problem, Unreachable } from './api.ts';
import { lost, whenConnected } from './connection.ts';

/** What is answered where there are no streams at all, as behind some gateways; and where there is none just now. */
const noStreams: readonly string[] = ['not-found', 'method-not-allowed'];
const noStreamNow: readonly string[] = ['too-many-watchers', 'too-many-requests', 'unavailable'];

/** Whether this server may have streams: until it says that it has none. */
let mayStream = true;

/** How often an import is asked for where its events cannot be streamed, in milliseconds. */
const pollMs = 2_000;

/**
 * Tells of an import whenever something has changed, until it is over or `stop` aborts. It goes on by itself when the connection is lost and
 * comes back; where events cannot be streamed, it asks from time to time. @throws Problem where there is no such import
 */
export async function watchImport(id: string, tell: (view: ImportView) => void, stop: AbortSignal): Promise<void> {
  const isLeft = (): boolean => stop.aborted;
  let streams = mayStream;
  while (!isLeft()) {
    try {
      if (await (streams ? streamed(id, tell, stop) : polled(id, tell, stop))) return;
      // A stream that ends before the import does is one whose server was stopped.
      if (!isLeft()) lost();
    } catch (error) {
      if (isLeft()) return;
      if (error instanceof Problem) {
        if (streams && noStreams.includes(error.code)) mayStream = false;
        else if (noStreamNow.includes(error.code)) await pause();
        else throw error;
        streams = false;
      } else if (!(error instanceof Unreachable)) lost();
    }
    await whenConnected(stop);
  }
}

/** @returns whether the import is over */
async function streamed(id: string, tell: (view: ImportView) => void, stop: AbortSignal): Promise<boolean> {
  const { headers, body } = await answerTo(`/imports/${id}/events`, { signal: stop });
  const isStream = headers.get('Content-Type')?.startsWith('text/event-stream') ?? false;
  let failed = 0;
  const isOver =
    isStream &&
    body !== null &&
    (await followed(body, (view) => {
      ({ failed } = view);
      tell(view);
    }));
  if (isStream && !isOver) return false;
  // A welcome that failed is over for the server, and yet somebody may try it again.
  return isOver && failed === 0 ? true : polled(id, tell, stop);
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
    await pause();
  }
  return false;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pollMs));
}
