/** What happens around the calls of a port's methods, by method. A hook is told which call of the method it is, counted from 1; what it raises is raised. */
export interface Faults<T> {
  /** Before the call reaches the port: what raises here has no effect. */
  readonly before?: Hooks<T>;
  /** When the call has had its effect: what raises here loses the answer. */
  readonly after?: Hooks<T>;
}

type Hooks<T> = {
  readonly [K in keyof T]?: T[K] extends (...args: infer Args) => unknown ? (call: number, ...args: Args) => unknown : never;
};

/** The port with faults. */
export function faulty<T extends object>(port: T, { before = {}, after = {} }: Faults<T>): T {
  const calls = new Map<PropertyKey, number>();
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      if (!hook(before, name) && !hook(after, name)) return member.bind(target) as unknown;
      return async (...args: unknown[]) => {
        const call = (calls.get(name) ?? 0) + 1;
        calls.set(name, call);
        await hook(before, name)?.(call, ...args);
        const answer: unknown = await Reflect.apply(member, target, args);
        await hook(after, name)?.(call, ...args);
        return answer;
      };
    },
  });
}

function hook<T>(hooks: Hooks<T>, name: PropertyKey): ((...args: unknown[]) => unknown) | undefined {
  return (hooks as Readonly<Record<PropertyKey, ((...args: unknown[]) => unknown) | undefined>>)[name];
}
