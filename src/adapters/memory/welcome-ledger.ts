import type { ImportId, UserId } from '../../ports/vocabulary.ts';
import type { Replaced, WelcomeLedger, WelcomeRecord, WelcomeTotals } from '../../ports/welcome-ledger.ts';

/** Welcomes in memory, kept as text. */
export class MemoryWelcomeLedger implements WelcomeLedger {
  readonly #kept = new Map<UserId, string>();
  #channel: string | undefined;

  async replace(records: readonly WelcomeRecord[]): Promise<readonly Replaced[]> {
    const copies = JSON.parse(JSON.stringify(records)) as readonly WelcomeRecord[];
    await Promise.resolve();
    return copies.map((record) => this.#replace(record));
  }

  async find(users: readonly UserId[]): Promise<readonly (WelcomeRecord | undefined)[]> {
    await Promise.resolve();
    return users.map((user) => this.#find(user));
  }

  async totals(importId?: ImportId): Promise<WelcomeTotals> {
    await Promise.resolve();
    const totals = { waiting: 0, claimed: 0, sent: 0, uncertain: 0, refused: 0, failed: 0, everUncertain: 0 };
    for (const text of this.#kept.values()) {
      const record = JSON.parse(text) as WelcomeRecord;
      if (importId !== undefined && record.importId !== importId) continue;
      totals[record.state] += 1;
      if (record.uncertainSends > 0) totals.everUncertain += 1;
    }
    return totals;
  }

  async keepChannel(kind: string): Promise<string> {
    await Promise.resolve();
    this.#channel ??= kind;
    return this.#channel;
  }

  async channel(): Promise<string | undefined> {
    await Promise.resolve();
    return this.#channel;
  }

  /** How many records are kept. */
  get size(): number {
    return this.#kept.size;
  }

  #replace(record: WelcomeRecord): Replaced {
    const kept = this.#find(record.userId);
    if ((kept?.revision ?? 0) !== record.revision) return { written: false, ...(kept && { kept }) };
    const next = { ...record, revision: record.revision + 1 };
    this.#kept.set(record.userId, JSON.stringify(next));
    return { written: true, kept: next };
  }

  #find(user: UserId): WelcomeRecord | undefined {
    const text = this.#kept.get(user);
    return text === undefined ? undefined : (JSON.parse(text) as WelcomeRecord);
  }
}
