/** Runs an action without the rights of the superuser, who may read and write everything: as the user `nobody`, or as who runs the tests. */
export async function withoutRootRights(action: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return action();
  process.seteuid?.(65_534);
  try {
    await action();
  } finally {
    process.seteuid?.(0);
  }
}
