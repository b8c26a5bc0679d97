import type { MemoryMailer } from '../../src/adapters/memory/mailer.ts';
import { userIdOf } from '../../src/domain/onboarding/user-id.ts';
import type { DeadLetter } from '../../src/ports/dead-letters.ts';
import type { ImportHead, Outcome, RowOutcome } from '../../src/ports/import-ledger.ts';
import type { Delivery } from '../../src/ports/message-source.ts';
import type { ImportId, QueueName, RecordBatch, Upload, UploadMessage, User, UserId, WelcomeMessage } from '../../src/ports/vocabulary.ts';
import type { WelcomeRecord } from '../../src/ports/welcome-ledger.ts';
import type { FlowPorts } from '../flow/flow.ts';
import type { PeopleFile, Scenario } from './scenario.ts';
import { Violation } from './violation.ts';

/** What the laws are checked against: everything that is durable, and what was to be. */
export interface Evidence {
  readonly durable: Omit<FlowPorts, 'mailer'> & { readonly mailer: MemoryMailer };
  readonly scenario: Scenario;
  /** The texts of all messages that are on a queue, visible or not. */
  readonly texts: (queue: QueueName) => readonly string[];
  /** The imports of which somebody was told that they are begun. */
  readonly begun: ReadonlySet<ImportId>;
  /** Files that somebody hands in just now, and does so until it is done. */
  readonly handingIn: readonly PeopleFile[];
  /** The identities of uploads that landed, and of which the bucket has told. */
  readonly landed: ReadonlySet<string>;
}

/** So many sends of a welcome may be uncertain, and so many mails may come of it. */
const mostUncertainSends = 2;
const mostMails = 2;

/** As many batches of an import may be sent and not yet known to be on the queue: four a call, five calls (`process-csv.ts`). */
const batchesUnderWay = 20;

/** The laws, each as what must hold always, at every step, or whenever all has come to rest. */
export class Laws {
  readonly #evidence: Evidence;
  readonly #boundaries = new Map<string, string>();
  readonly #lost = new Set<UserId>();
  readonly #lostParts = new Map<ImportId, PeopleFile>();
  readonly #unanswered = new Map<UserId, number>();
  readonly #setAside: string[] = [];

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
  }

  /** How many different batches were sent. */
  get batches(): number {
    return this.#boundaries.size;
  }

  /** Whether one of these welcomes was ever a dead letter. */
  wereSetAside(userIds: readonly UserId[]): boolean {
    return userIds.some((userId) => this.#setAside.some((text) => text.includes(userId)));
  }

  /** Welcomes that the sky lost: nobody can be blamed for them until they are announced again, and when all is at rest they must have been. */
  lose(userIds: readonly UserId[]): void {
    for (const userId of userIds) this.#lost.add(userId);
  }

  /** A message of an import that the sky is about to lose; it may if the file is imported anew, which brings back what was in it. */
  losePart(head: ImportHead): boolean {
    const file = fileOf(this.#evidence.scenario, head);
    if (file.again) this.#lostParts.set(head.id, file);
    return file.again;
  }

  /** The files of which parts were lost: they are to be imported anew, and no loss excuses anything any more. */
  forgetLostParts(): readonly PeopleFile[] {
    const files = [...new Set(this.#lostParts.values())];
    this.#lostParts.clear();
    return files;
  }

  /* ------------------------------------------------------------------ always */

  /** A completed import has all of its rows. */
  async whenCompleted(head: ImportHead): Promise<void> {
    await this.#conservation(head);
  }

  /** Batches have deterministic names and boundaries. */
  whenBatchIsSent(batch: RecordBatch): void {
    const name = `${batch.importId}/${batch.firstRow}`;
    const content = JSON.stringify(batch);
    const before = this.#boundaries.get(name) ?? content;
    this.#boundaries.set(name, before);
    demand(before === content, 'same upload, same import', `Batch ${batch.firstRow} was first sent as ${before}, and now as ${content}`);
  }

  /** Memory does not grow with the file: the reader waits for what it has sent. */
  whenBatchesAreUnderWay(batches: number): void {
    demand(batches <= batchesUnderWay, 'bounded memory', `${batches} batches of one reader are under way`);
  }

  /** Nothing is acknowledged before its effect is durable. To be called when the message has just gone. */
  async whenAcknowledged(queue: QueueName, delivery: Delivery<unknown>): Promise<void> {
    const { content } = delivery;
    if (!content.ours) return this.#isDeadLetter(queue, content.text);
    if (queue === 'uploads') await this.#isReadOrWillBe(content.message as UploadMessage);
    else if (queue === 'records') await this.#isRecorded(content.message as RecordBatch);
    else await this.#areWelcomedOrWillBe((content.message as WelcomeMessage).recipients.map(({ userId }) => userId));
  }

  /** A dead letter is kept with this text. */
  whenSetAside(texts: readonly string[]): void {
    this.#setAside.push(...texts);
  }

  /** The feed is let go of only past users who are announced. */
  async whenFeedAdvanced(users: readonly User[]): Promise<void> {
    await this.#areWelcomedOrWillBe(users.map((user) => userIdOf(this.#evidence.durable.ids, user.key)));
  }

  /** A mail goes out only under a claim, and once more for each uncertain send at most. To be called when it was just taken. */
  async whenMailIsTaken(userId: UserId): Promise<void> {
    const { ledger, mailer } = this.#evidence.durable;
    const [record] = await ledger.find([userId]);
    const times = mailer.taken.get(userId)?.times ?? 0;
    demand(record !== undefined, 'one welcome', `A mail went to ${userId}, and nobody had claimed its welcome`);
    const allowed = Math.min(1 + (record?.uncertainSends ?? 0), mostMails);
    demand(times <= allowed, 'one welcome', `${userId} got ${times} mails, of which ${allowed - 1} sends were uncertain`);
  }

  /** A mail was handed over, and nobody knows whether it was taken. */
  whenNoAnswerComes(userId: UserId): void {
    this.#unanswered.set(userId, (this.#unanswered.get(userId) ?? 0) + 1);
  }

  /** These are on the queue now. */
  whenAnnounced(userIds: readonly UserId[]): void {
    for (const userId of userIds) this.#lost.delete(userId);
  }

  /** A confirmed welcome is never decided about again, and only sends that were uncertain are counted as such. */
  whenWelcomeIsDecided(before: WelcomeRecord | undefined, after: WelcomeRecord): void {
    this.#isReallyUncertain(before, after);
    demand(before?.state !== 'sent', 'one welcome', `The welcome of ${after.userId} was confirmed, and is ${after.state} now`);
    if (after.state === 'sent') {
      const times = this.#evidence.durable.mailer.taken.get(after.userId)?.times ?? 0;
      demand(times > 0, 'one welcome', `The welcome of ${after.userId} is confirmed, and no mail was taken`);
    }
  }

  /* ------------------------------------------------------ whenever all is at rest */

  /** What must hold when nothing is on its way and nothing goes wrong: whatever is not done lies in dead letters. */
  async atRest(): Promise<void> {
    const { imports } = this.#evidence.durable;
    const letters = await this.#letters();
    for (const id of this.#evidence.begun) {
      demand((await imports.find(id)) !== undefined, 'nothing disappears', `The import ${id} was begun, and there is none`);
    }
    for (const id of (await this.#imports()).keys()) {
      const head = await imports.find(id);
      if (!head) continue;
      if (head.state === 'completed') {
        await this.#conservation(head);
        continue;
      }
      if (this.#lostParts.has(id)) continue;
      const { deadLetters } = await imports.progress(id);
      const helps = (queue: QueueName): boolean => queue === 'uploads' || (queue === 'records' && head.state === 'read');
      const own = letters.filter(({ importId, queue }) => importId === id && helps(queue));
      demand(own.length > 0, 'nothing disappears', `The import ${id} is ${head.state}, nothing is on its way, and no dead letter says why`);
      demand(deadLetters > 0, 'nothing disappears', `Parts of the import ${id} lie in dead letters, and it does not say so`);
    }
    await this.#sameImport(letters);
    await this.#oneAccount();
    await this.#oneWelcome(letters);
  }

  /** What must hold when, besides, all that can be mended is mended and was sent back from dead letters. */
  async atTheEnd(): Promise<void> {
    await this.atRest();
    const { scenario, durable } = this.#evidence;
    const begun = await this.#imports();
    for (const letter of await this.#letters()) {
      const hopeless = letter.code === 'unreadable-message' || letter.code === 'mail-refused';
      demand(hopeless, 'nothing disappears', `All is mended, and ${letter.queue} still has a dead letter: ${letter.cause}`);
    }
    for (const id of begun.keys()) {
      const head = await durable.imports.find(id);
      demand(head?.state === 'completed', 'nothing disappears', `All is mended, and the import ${id} is ${head?.state ?? 'nowhere'}`);
    }
    const wanted = new Set([...begun.values()].flatMap(({ rows }) => rows.flatMap((row) => ('key' in row ? [row.key] : []))));
    const users = await this.#users();
    demand(users.length === wanted.size, 'one account', `${wanted.size} people were imported, and there are ${users.length} users`);
    for (const user of users) {
      if (!user.welcome || scenario.refused.has(user.key)) continue;
      const [record] = await durable.ledger.find([userIdOf(durable.ids, user.key)]);
      const settled = record?.state === 'sent' || record?.state === 'uncertain';
      demand(settled, 'one welcome', `All is mended, and the welcome of ${user.key} is ${record?.state ?? 'due'}`);
    }
  }

  /** The same file is the same import, however often it is handed in or told of; what landed has one; and its bytes are kept while it is read. */
  async #sameImport(letters: readonly DeadLetter[]): Promise<void> {
    const law = 'same upload, same import';
    const { scenario, landed } = this.#evidence;
    const files = [...(await this.#imports()).values()];
    for (const { name, identity, again } of scenario.files) {
      const own = files.filter((file) => file.identity === identity).length;
      demand(again || own <= 1, law, `${name} was not to be imported anew, and has ${own} imports`);
      demand(own > 0 || !landed.has(identity), 'nothing disappears', `${name} has landed, and no import is of it`);
    }
    const missing = letters.find(({ code }) => code === 'upload-missing');
    demand(!missing, 'nothing disappears', `An upload was let go of while somebody was to read it: ${missing?.cause}`);
  }

  /** rows = inserted + updated + duplicates + rejected, each row can be looked up, and it is what it had to be. */
  async #conservation(head: ImportHead): Promise<void> {
    const law = 'conservation';
    const { imports } = this.#evidence.durable;
    const file = fileOf(this.#evidence.scenario, head);
    const { rows } = file;
    const { inserted, updated, duplicates, rejected, batches } = await imports.progress(head.id);
    const sum = inserted + updated + duplicates + rejected;
    demand(sum === rows.length, law, `${file.name} has ${rows.length} rows, and ${sum} are accounted for`);
    demand(batches === head.batches, law, `${file.name} was sent as ${head.batches} batches, and ${batches} have a result`);
    const outcomes = await imports.outcomes(head.id, 1, rows.length + 1);
    demand(isOneTo(outcomes, rows.length), law, `Of ${file.name}, rows ${outcomes.map(({ row }) => row).join()} can be looked up`);
    for (const { row, outcome } of outcomes) {
      const expected = rows[row - 1];
      const taken: readonly Outcome[] = ['inserted', file.onExisting === 'update' ? 'updated' : 'duplicate'];
      const fitting = expected && 'key' in expected ? taken : ['rejected'];
      demand(
        expected !== undefined && fitting.includes(outcome),
        law,
        `Row ${row} of ${file.name} is ${outcome}: ${JSON.stringify(expected)}`,
      );
    }
    const counted = (wanted: string): number => outcomes.filter(({ outcome }) => outcome === wanted).length;
    const told = [inserted, updated, duplicates, rejected];
    const seen = [counted('inserted'), counted('updated'), counted('duplicate'), counted('rejected')];
    demand(told.join() === seen.join(), law, `${file.name} counts ${told.join()}, and its rows say ${seen.join()}`);
    const rejections = (await imports.rejections(head.id, 0, rows.length + 1)).map(({ row, code }) => `${row} ${code}`);
    const expected = rows.flatMap((row, index) => ('rejected' in row ? [`${index + 1} ${row.rejected}`] : []));
    demand(
      rejections.join() === expected.join(),
      law,
      `${file.name} keeps the rejections ${rejections.join()}, and has ${expected.join()}`,
    );
  }

  /** One user a normalised address; exactly the row that made it is `inserted`; which data it has does not depend on any order. */
  async #oneAccount(): Promise<void> {
    const law = 'one account';
    const { durable } = this.#evidence;
    const begun = await this.#imports();
    const users = await this.#users();
    const keys = users.map(({ key }) => key);
    demand(new Set(keys.map((key) => key.trim().toLowerCase())).size === keys.length, law, `Some address has two accounts: ${keys.join()}`);
    let inserted = 0;
    for (const [id, file] of begun) {
      for (const { row, outcome } of await durable.imports.outcomes(id, 1, file.rows.length)) {
        const expected = file.rows[row - 1];
        if (outcome !== 'inserted' || !expected || !('key' in expected)) continue;
        inserted++;
        const user = users.find(({ key }) => key === expected.key);
        const own = user?.origin.importId === id && user.origin.row === row;
        demand(own, law, `Row ${row} of ${file.name} is inserted, and ${expected.key} was made by ${JSON.stringify(user?.origin)}`);
      }
    }
    if (!(await this.#areAllCompleted())) return;
    demand(inserted === users.length, law, `${inserted} rows are inserted, and there are ${users.length} users`);
    for (const user of users) await this.#hasTheNewestData(user);
  }

  /** The data are those of the greatest version: that of the row that made the user, and of all rows that were to update it. */
  async #hasTheNewestData(user: User): Promise<void> {
    let newest: { readonly at: number; readonly id: string; readonly row: number; readonly name: string } | undefined;
    for (const [id, file] of await this.#imports()) {
      const at = (await this.#evidence.durable.imports.find(id))?.createdAt ?? 0;
      file.rows.forEach((expected, index) => {
        const row = index + 1;
        if (!('key' in expected) || expected.key !== user.key) return;
        const made = user.origin.importId === id && user.origin.row === row;
        if (!made && file.onExisting === 'skip') return;
        const isNewer = !newest || at > newest.at || (at === newest.at && (id > newest.id || (id === newest.id && row > newest.row)));
        if (isNewer) newest = { at, id, row, name: expected.name };
      });
    }
    const name = user.name.replace('\n', ' ');
    demand(newest?.name === name, 'one account', `${user.key} is called ${name}, and the newest row says ${newest?.name}`);
  }

  /** Every user who is to be welcomed has one mail, or lies in dead letters; nobody has more than the uncertain sends allow. */
  async #oneWelcome(letters: readonly DeadLetter[]): Promise<void> {
    const law = 'one welcome';
    const { ledger, mailer, ids } = this.#evidence.durable;
    for (const user of await this.#users()) {
      const userId = userIdOf(ids, user.key);
      const [record] = await ledger.find([userId]);
      const mails = mailer.taken.get(userId)?.times ?? 0;
      if (!user.welcome) {
        demand(record === undefined && mails === 0, law, `${user.key} was to get no welcome, and has ${mails}`);
        continue;
      }
      const state = record?.state ?? 'due';
      const uncertain = record?.uncertainSends ?? 0;
      demand(
        !['due', 'waiting', 'claimed'].includes(state),
        'nothing disappears',
        `Nothing is on its way, and the welcome of ${user.key} is ${state}`,
      );
      if (state === 'sent')
        demand(mails >= 1 && mails <= 1 + uncertain, law, `${user.key} has ${mails} mails, ${uncertain} sends were uncertain`);
      else
        demand(
          // Where two sends are one mail, a lost one is not counted: it may have arrived before the server refused the next.
          mails <= (mailer.idempotent ? 1 : uncertain),
          law,
          `The welcome of ${user.key} is ${state}, ${uncertain} sends were uncertain, and ${mails} mails came`,
        );
      demand(!mailer.idempotent || uncertain === 0, law, `Nothing can be uncertain here, and for ${user.key} something was`);
      if (state !== 'refused' && state !== 'failed') continue;
      const kept = letters.some(({ queue, text }) => queue === 'welcomes' && text.includes(userId));
      demand(kept, 'nothing disappears', `The welcome of ${user.key} is ${state}, and no dead letter says so`);
    }
  }

  /** One more uncertain send at most is noted: no answer came to one, or whoever had claimed it let the lease run out. */
  #isReallyUncertain(before: WelcomeRecord | undefined, after: WelcomeRecord): void {
    const more = after.uncertainSends - (before?.uncertainSends ?? 0);
    if (more === 0) return;
    const { userId } = after;
    const isGone = before?.state === 'claimed' && (before.leaseUntil ?? 0) <= after.at;
    const unanswered = this.#unanswered.get(userId) ?? 0;
    if (!isGone) this.#unanswered.set(userId, unanswered - 1);
    const isTrue = more === 1 && before?.state === 'claimed' && (isGone || unanswered > 0) && after.uncertainSends <= mostUncertainSends;
    demand(
      isTrue,
      'one welcome',
      `${after.uncertainSends} sends to ${userId} count as uncertain, ${more} more than before, and no such send is known`,
    );
  }

  /** The import is read to its end, or a message (or a dead letter) is there that will see to it. */
  async #isReadOrWillBe(message: UploadMessage): Promise<void> {
    const { durable, texts, handingIn } = this.#evidence;
    if (!('importId' in message)) return this.#areBegunOrWillBe(message.landed);
    const head = await durable.imports.find(message.importId);
    if (head?.state !== 'reading' || this.#lostParts.has(head.id)) return;
    // Who imports a file anew that was read already sends a message for it next.
    if (handingIn.some(({ identity, again }) => again && identity === head.upload.identity)) return;
    const letters = (await this.#letters()).filter(({ queue }) => queue === 'uploads');
    const left = [...texts('uploads'), ...letters.map(({ text }) => text)].some((text) => text.includes(message.importId));
    demand(left, 'nothing disappears', `The import ${message.importId} is not read to its end, and its last message is acknowledged`);
  }

  /** Each upload has its import, or is in another message, or is a dead letter. */
  async #areBegunOrWillBe(uploads: readonly Upload[]): Promise<void> {
    const { durable, texts } = this.#evidence;
    const begun = (await durable.imports.list(1_000)).map(({ upload }) => upload.identity);
    const others = [...texts('uploads'), ...(await this.#letters()).map(({ text }) => text)];
    for (const { identity, name } of uploads) {
      const left = begun.includes(identity) || others.some((text) => text.includes(identity));
      demand(left, 'nothing disappears', `${name} has landed, and its last message is acknowledged without an import`);
    }
  }

  /** The batch has its result, or is in another message, or is a dead letter. */
  async #isRecorded({ importId, firstRow }: RecordBatch): Promise<void> {
    const { durable, texts } = this.#evidence;
    const [outcome] = await durable.imports.outcomes(importId, firstRow, 1);
    if (outcome?.row === firstRow) return;
    const others = [...texts('records'), ...(await this.#letters()).map(({ text }) => text)];
    const left = others.some((text) => text.includes(importId) && text.includes(`"firstRow":${firstRow},`));
    demand(left, 'nothing disappears', `Batch ${firstRow} of import ${importId} is acknowledged without a result`);
  }

  /** Each is settled, or is in another message, or is a dead letter. */
  async #areWelcomedOrWillBe(userIds: readonly UserId[]): Promise<void> {
    const { durable, texts } = this.#evidence;
    const records = await durable.ledger.find(userIds);
    const open = userIds.filter((_, index) => !['sent', 'uncertain'].includes(records[index]?.state ?? 'due'));
    if (open.length === 0) return;
    const others = [...texts('welcomes'), ...(await this.#letters()).map(({ text }) => text)];
    const lost = open.find((userId) => !this.#lost.has(userId) && !others.some((text) => text.includes(userId)));
    demand(
      lost === undefined,
      'nothing disappears',
      `The welcome of ${lost} is not settled, and no message or dead letter holds it any more`,
    );
  }

  async #isDeadLetter(queue: QueueName, text: string): Promise<void> {
    const letters = (await this.#letters()).map((letter) => letter.text);
    const kept = [...letters, ...this.#evidence.texts(queue)].includes(text);
    demand(kept, 'nothing disappears', `A text that is no message is acknowledged on ${queue}, and lies nowhere`);
  }

  /** All imports that there are, and what each is of: also those whose uploader never heard that they are begun. */
  async #imports(): Promise<ReadonlyMap<ImportId, PeopleFile>> {
    const { durable, scenario } = this.#evidence;
    return new Map((await durable.imports.list(1_000)).map((head) => [head.id, fileOf(scenario, head)]));
  }

  #letters(): Promise<readonly DeadLetter[]> {
    return this.#evidence.durable.deadLetters.list({}, 10_000);
  }

  #users(): Promise<readonly User[]> {
    return this.#evidence.durable.users.list(10_000);
  }

  async #areAllCompleted(): Promise<boolean> {
    for (const id of (await this.#imports()).keys()) {
      if ((await this.#evidence.durable.imports.find(id))?.state !== 'completed') return false;
    }
    return true;
  }
}

function demand(holds: boolean, law: string, otherwise: string): void {
  if (!holds) throw new Violation(law, `${otherwise}.`);
}

function isOneTo(outcomes: readonly RowOutcome[], count: number): boolean {
  return outcomes.length === count && outcomes.every(({ row }, index) => row === index + 1);
}

function fileOf(scenario: Scenario, head: ImportHead): PeopleFile {
  const file = scenario.files.find(({ identity }) => identity === head.upload.identity);
  if (!file) throw new Error(`The import ${head.id} is of a file that nobody handed in.`);
  return file;
}
