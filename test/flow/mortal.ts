import type { FlowPorts } from './flow.ts';

/** How long a process lives. */
export interface Life {
  /** How many calls of its ports it has made. */
  calls: number;
  /** It dies when this call has had its effect, before it hears of it. */
  readonly diesAfter: number;
}

/** What every call of a dead process raises: it cannot do anything any more, not even count its failure. */
export class Died extends Error {
  override readonly name = 'Died';
}

/** Everything by which a process has an effect on the world. */
const effects = [
  'uploadQueue',
  'uploadSource',
  'records',
  'recordsSource',
  'welcomes',
  'welcomeSource',
  'deadLetters',
  'users',
  'feed',
  'imports',
  'ledger',
  'mailer',
] as const;

/** The ports as a process has them that dies at some time. The world behind them lives on. */
export function mortal(ports: FlowPorts, life: Life): FlowPorts {
  return { ...ports, ...Object.fromEntries(effects.map((name) => [name, mortalPort(ports[name], life)])) };
}

function mortalPort(port: object, life: Life): object {
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        if (life.calls >= life.diesAfter) throw new Died('It is dead.');
        const answer: unknown = await Reflect.apply(member, target, args);
        life.calls++;
        if (life.calls >= life.diesAfter) throw new Died('It died.');
        return answer;
      };
    },
  });
}
