/** Does the same with every item, at most `width` at a time; the answers are in the order of the items. The first error ends it. */
export async function concurrently<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const answers = new Array<R>(items.length);
  const rest = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of rest) answers[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  return answers;
}
