import type { Context } from 'aws-lambda';
import { addSafeHeaders } from '../http/guard.ts';
import { HttpProblem, problemResponse } from '../http/problems.ts';
import type { HttpApp } from '../http/route.ts';
import { answerOf, requestIn, type GatewayAnswer, type GatewayRequest } from './gateway-event.ts';
import { invoke, type InvocationPorts } from './invocation.ts';

/** A function that answers the requests of an HTTP API. */
export type GatewayHandler = (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<GatewayAnswer>;

/** Lambda's answers end at 6 MB (Lambda Developer Guide, "Lambda quotas"); headers and the rest of the answer are in it. */
const mostBytes = 6_000_000;

/** Of an invocation's time, so much is left for saying that an answer takes too long, in milliseconds. */
const stopsBefore = 1_000;

/** Answers requests by the app; what the way to here damages, or cannot carry, by a problem document like any other. */
export function gatewayHandler(app: Pick<HttpApp, 'fetch'>, ports: InvocationPorts): GatewayHandler {
  return (event, context) =>
    invoke(ports, context, stopsBefore, async ({ stop }) => {
      const asked = requestIn(event);
      const response = asked.mangled ? problemResponse(mangled) : await inTime(Promise.resolve(app.fetch(asked.request, asked)), stop);
      const answer = await answerOf(safe(response), mostBytes);
      if (answer) return answer;
      const problem = new HttpProblem('answer-too-large', { members: { limit: mostBytes } });
      // A problem is small.
      return (await answerOf(safe(problemResponse(problem)), mostBytes)) as GatewayAnswer;
    });
}

/** Who sent a request, and whom the authorizer let in: as the app is told it. */
export const toldBy = {
  clientOf: (env: unknown) => (env as GatewayRequest).sender,
  letIn: (env: unknown) => (env as GatewayRequest).subject,
} as const;

const mangled = new HttpProblem('unreadable-body', {
  detail: 'The file is not in UTF-8, and on this way it would be damaged.',
  hint: 'Send it with the Content-Type application/octet-stream, or ask POST /uploads where to send it.',
});

/** The answer, or a problem where it is not there in time. What was begun may still be done. */
async function inTime(answer: Promise<Response>, stop: AbortSignal): Promise<Response> {
  const late = new Promise<Response>((resolve) => {
    const tell = (): void =>
      resolve(
        problemResponse(new HttpProblem('unavailable', { detail: 'It takes longer than an answer may.', headers: { 'Retry-After': '5' } })),
      );
    if (stop.aborted) tell();
    else stop.addEventListener('abort', tell, { once: true });
  });
  return Promise.race([answer, late]);
}

/** As everything here comes over TLS, browsers are told to ask for it in no other way (RFC 6797). */
function safe(response: Response): Response {
  addSafeHeaders(response.headers);
  response.headers.set('Strict-Transport-Security', 'max-age=31536000');
  return response;
}
