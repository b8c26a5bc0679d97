import { redrive } from '../../src/domain/dead-letters.ts';
import { userIdOf } from '../../src/domain/onboarding/user-id.ts';
import { sendAll } from '../../src/domain/send-all.ts';
import { handIn } from '../../src/domain/user-import/hand-in.ts';
import { letGo } from '../../src/domain/user-import/let-go.ts';
import type { Envelope } from '../../src/ports/mailer.ts';
import type { MessageSource } from '../../src/ports/message-source.ts';
import { PortError, type ImportId, type QueueName, type RecordBatch, type UploadMessage } from '../../src/ports/vocabulary.ts';
import type { FlowPorts } from '../flow/flow.ts';
import { hangMs, type Simulation } from './calls.ts';
import { Chance } from './chance.ts';
import { durableWorld, type Durable } from './durable.ts';
import { Faults, type Census, type Fault } from './faults.ts';
import { Laws } from './laws.ts';
import { portsOf, SimulatedProcess, sweepMs, type ProcessPorts, type Surroundings } from './process.ts';
import { drawScenario, type PeopleFile, type Scenario } from './scenario.ts';
import { die, Scheduler, type Life } from './scheduler.ts';
import { Stir } from './stir.ts';
import { Trace } from './trace.ts';
import { Violation } from './violation.ts';
import { watching, witnessed } from './witness.ts';

/** A defect on purpose: right above the adapters, or in the process, where what goes wrong on the way has gone wrong already. */
export interface Bug {
  readonly name: string;
  readonly inAdapters?: (ports: FlowPorts) => FlowPorts;
  readonly inProcess?: (ports: ProcessPorts) => ProcessPorts;
}

/** What came of a run. */
export interface RunResult {
  readonly seed: number;
  readonly steps: number;
  readonly files: number;
  readonly rows: number;
  /** Different batches that were sent. */
  readonly batches: number;
  readonly deaths: number;
  readonly census: Census;
  /** The same for runs that were the same to the last step. */
  readonly digest: string;
  readonly violation?: { readonly law: string; readonly what: string; readonly trace: readonly string[] };
}

export interface RunOptions {
  readonly bug?: Bug;
  /** Over SQLite instead of memory; one seed in fifty, where it is not said. */
  readonly overSqlite?: boolean;
  /** How many of the last steps are kept for people. */
  readonly kept?: number;
}

/** One run of the whole flow: what happens in it is decided by its seed alone. */
export async function simulate(seed: number, { bug, overSqlite = seed % 50 === 0, kept = 60 }: RunOptions = {}): Promise<RunResult> {
  const chance = new Chance(seed);
  const scenario = drawScenario(chance, overSqlite);
  const durable = durableWorld(scenario, chance);
  const run = new Run(chance, scenario, durable, kept, bug);
  try {
    const violation = await run.live().then(
      () => undefined,
      (error: unknown) => ({ law: error instanceof Violation ? error.law : 'it runs', what: whatOf(error), trace: run.trace.last }),
    );
    return {
      seed,
      steps: run.steps,
      files: scenario.files.length,
      batches: run.batches,
      rows: scenario.files.reduce((sum, { rows }) => sum + rows.length, 0),
      deaths: run.deaths,
      census: run.census,
      digest: run.trace.digest,
      ...(violation && { violation }),
    };
  } finally {
    run.forget();
    durable.close();
  }
}

/** After so many calls without faults a run that has not come to rest never will. */
const calmSteps = 30_000;

/** How many calls the ebb between a storm and the calm lasts at most. */
const ebbSteps = 300;

class Run {
  readonly trace: Trace;
  deaths = 0;
  readonly #chance: Chance;
  readonly #scenario: Scenario;
  readonly #durable: Durable;
  readonly #faults: Faults;
  readonly #scheduler: Scheduler;
  readonly #laws: Laws;
  readonly #surroundings: Surroundings;
  readonly #begun = new Set<ImportId>();
  readonly #landed = new Set<string>();
  readonly #handingIn: PeopleFile[] = [];
  readonly #processes: (SimulatedProcess | undefined)[];
  /** All that ever were, the dead among them. */
  readonly #incarnations: SimulatedProcess[] = [];
  #mended = false;
  #tasks = 0;
  #failure: Error | undefined;

  constructor(chance: Chance, scenario: Scenario, durable: Durable, kept: number, bug: Bug | undefined) {
    this.#chance = chance;
    this.#scenario = scenario;
    this.#durable = durable;
    this.trace = new Trace(kept);
    const { clock, mailer } = durable.ports;
    this.#faults = new Faults(chance, scenario.mailer.idempotent);
    this.#scheduler = new Scheduler(clock, chance);
    this.#laws = new Laws({
      durable: durable.ports,
      scenario,
      texts: durable.texts,
      begun: this.#begun,
      landed: this.#landed,
      handingIn: this.#handingIn,
    });
    mailer.answer = ({ to }) => (scenario.refused.has(to.toLowerCase()) ? 'refuse' : 'take');
    const watched = this.#withPoison(witnessed(durable.ports, this.#laws));
    const simulation: Simulation = {
      scheduler: this.#scheduler,
      clock,
      chance,
      faults: this.#faults,
      trace: this.trace,
      stir: new Stir(clock),
      struck: (call, fault, args) => this.#hear(call, fault, args),
    };
    this.#surroundings = {
      simulation,
      ports: bug?.inAdapters ? bug.inAdapters(watched) : watched,
      planted: bug?.inProcess ?? ((ports) => ports),
      laws: this.#laws,
      echo: new Map(),
      compose: (name) => this.#compose(name),
      fail: (violation) => (this.#failure = violation),
    };
    this.#processes = scenario.processes.map(() => undefined);
  }

  get steps(): number {
    return this.#scheduler.steps;
  }

  get batches(): number {
    return this.#laws.batches;
  }

  get census(): Census {
    return this.#faults.census;
  }

  get #isStormy(): boolean {
    return this.#faults.weather === 'storm';
  }

  /** Storms, each followed by calm; in the end all that can be mended is mended. */
  async live(): Promise<void> {
    for (const steps of this.#scenario.storms) {
      this.#faults.weather = 'storm';
      for (const file of this.#scenario.files) this.#begin(file);
      if (this.#scenario.litter) await this.#litter();
      await this.#go(steps);
      this.#faults.weather = 'ebb';
      await this.#go(ebbSteps);
      await this.#calm();
      await this.#laws.atRest();
    }
    this.#mended = true;
    for (const file of this.#laws.forgetLostParts()) this.#begin(file);
    this.#operate('operator', (ports) => redrive(ports.deadLetters, {}));
    await this.#calm();
    await this.#laws.atTheEnd();
    await this.#end();
  }

  /** Lets go of what Node keeps for whoever listens to a signal: a long row of runs would fill the memory with the dead. */
  forget(): void {
    for (const process of this.#incarnations) process.stop();
  }

  /** Nothing goes wrong any more, and all that died lives again: so everything comes to rest. */
  async #calm(): Promise<void> {
    this.#faults.weather = 'calm';
    const atRest = await this.#go(calmSteps);
    if (!atRest)
      throw new Violation('it comes to rest', `Nothing goes wrong any more, and after ${calmSteps} calls there is no end to it.`);
  }

  /** @returns whether it came to rest */
  #go(most: number): Promise<boolean> {
    let quietSince: number | undefined;
    return this.#scheduler.run(
      most,
      () => this.#between(),
      async () => {
        if (this.#isStormy || this.#tasks > 0 || !(await this.#isQuiet())) {
          quietSince = undefined;
          return false;
        }
        // What hangs comes to its end, and every process sweeps once more: it may find something yet.
        const now = this.#durable.ports.clock.now();
        quietSince ??= now;
        return now - quietSince > hangMs + 2 * sweepMs;
      },
    );
  }

  /** Whoever died comes back; now and then somebody dies, is asked to stop, or uploads a file once more. */
  #between(): void {
    if (this.#failure) throw this.#failure;
    for (const [index, process] of this.#processes.entries()) {
      if (process?.alive && process.ended === undefined) continue;
      if (process) this.#bury(process, index);
      if (this.#incarnations.length < this.#processes.length || !this.#isStormy || this.#chance.hits(0.05)) this.#start(index);
    }
    if (!this.#isStormy) return;
    if (this.#chance.hits(0.002)) {
      const process = this.#chance.pick(this.#processes);
      if (process?.alive) die(process);
    }
    if (this.#chance.hits(0.001)) this.#chance.pick(this.#processes)?.stop();
    if (this.#chance.hits(0.003)) this.#lose();
    if (this.#chance.hits(0.003)) this.#begin(this.#chance.pick(this.#scenario.files));
    if (this.#chance.hits(0.002)) this.#operate('operator', (ports) => redrive(ports.deadLetters, {}));
  }

  #start(index: number): void {
    const options = this.#scenario.processes[index];
    if (!options) return;
    const process = new SimulatedProcess(`process-${this.#incarnations.length + 1}`, this.#surroundings, options);
    this.#incarnations.push(process);
    this.#processes[index] = process;
  }

  #bury(process: SimulatedProcess, index: number): void {
    this.#processes[index] = undefined;
    if (!process.alive) this.deaths++;
    const error = process.ended?.error;
    if (error === undefined) return;
    if (error instanceof Violation) throw error;
    // Nobody foresaw the error, and so the process ended: somebody starts it again.
    if (error instanceof Error && !(error instanceof PortError) && error.message.startsWith('Something nobody foresaw')) return;
    throw error as Error;
  }

  /** Somebody imports a file, and does it again until it was taken: as the command does, or by putting it into a bucket. */
  #begin(file: PeopleFile): void {
    this.#handingIn.push(file);
    this.#operate('uploader', async (ports) => {
      const upload = await this.#surroundings.ports.uploads.take(file.name, bytesOf(file.csv));
      if (file.lands) {
        const messages = [{ body: { landed: [upload] } }];
        await sendAll(ports, ports.uploadQueue, this.#chance.hits(0.2) ? [...messages, ...messages] : messages);
        this.#landed.add(upload.identity);
        this.#handingIn.splice(this.#handingIn.indexOf(file), 1);
        return;
      }
      const request = { upload, options: { map: {}, keep: [], onExisting: file.onExisting }, welcome: file.welcome };
      const { head, how } = await handIn(ports, { ...request, again: file.again });
      this.#begun.add(head.id);
      if (how !== 'started') await letGo(ports, upload);
      this.#handingIn.splice(this.#handingIn.indexOf(file), 1);
    });
  }

  /** A send without an answer: only after one may a welcome count as uncertain while its sender lives. */
  #hear(call: string, fault: Fault, [given]: readonly unknown[]): void {
    if (call === 'mailer.send' && (fault === 'no answer' || fault === 'answer lost'))
      this.#laws.whenNoAnswerComes((given as Envelope).userId);
  }

  /** Somebody does something by hand, and does it again where it failed or the computer broke down. */
  #operate(name: string, deed: (ports: ProcessPorts) => Promise<unknown>): void {
    this.#tasks++;
    const attempt = async (): Promise<void> => {
      const done = await new Promise<boolean>((end) => {
        const life: Life = { name, alive: true, onDeath: () => end(false) };
        deed(portsOf(life, this.#surroundings)).then(
          () => end(true),
          (error: unknown) => {
            if (error instanceof Violation) this.#failure = error;
            end(false);
          },
        );
      });
      if (done) this.#tasks--;
      else await this.#durable.ports.clock.sleep(1_000).then(attempt);
    };
    void attempt();
  }

  /** What waits to be announced, or a message, is gone: nobody acknowledged it. */
  #lose(): void {
    const { feed, welcomeSource, ids } = this.#durable.ports;
    const gone = async (): Promise<void> => {
      if (this.#chance.hits(0.3)) return this.#losePart(this.#chance.pick(['uploadSource', 'recordsSource'] as const));
      const batch = await feed.receive(5, 0);
      if (batch.users.length > 0) {
        this.#laws.lose(batch.users.map(({ key }) => userIdOf(ids, key)));
        this.#faults.happened('feed.receive', 'lost');
        await feed.advance(batch);
        return;
      }
      for (const { content, receipt } of await welcomeSource.receive(1, 0)) {
        const userIds = content.ours ? content.message.recipients.map(({ userId }) => userId) : [];
        // Who was sent back from dead letters has nothing but this message; it never grows old, for whoever waits goes into a new one.
        if (userIds.length === 0 || this.#laws.wereSetAside(userIds)) {
          await welcomeSource.release([receipt], 0);
          continue;
        }
        this.#laws.lose(userIds);
        this.#faults.happened('welcomeSource.receive', 'lost');
        await welcomeSource.acknowledge([receipt]);
      }
    };
    this.#tasks++;
    void this.#scheduler
      .call(sky, async () => {
        await gone();
        return { value: undefined };
      })
      .then(() => {
        this.#tasks--;
      });
  }

  /** A message of an import is gone. Only importing the file anew brings it back, so it is of one that is. */
  async #losePart(name: 'uploadSource' | 'recordsSource'): Promise<void> {
    const { imports } = this.#durable.ports;
    const source: MessageSource<UploadMessage | RecordBatch> = this.#durable.ports[name];
    for (const { content, receipt } of await source.receive(1, 0)) {
      const head = content.ours && 'importId' in content.message ? await imports.find(content.message.importId) : undefined;
      if (head && this.#laws.losePart(head)) {
        this.#faults.happened(`${name}.receive`, 'lost');
        await source.acknowledge([receipt]);
      } else {
        await source.release([receipt], 0);
        this.#surroundings.simulation.stir.at(name, 0);
      }
    }
  }

  async #litter(): Promise<void> {
    for (const [queue, source] of Object.entries(queues)) {
      await this.#durable.litter(queue as QueueName, `{"litter":${this.#chance.below(100)}}`);
      this.#surroundings.simulation.stir.at(source, 0);
    }
  }

  async #isQuiet(): Promise<boolean> {
    const { uploadSource, recordsSource, welcomeSource, feed } = this.#durable.ports;
    for (const source of [uploadSource, recordsSource, welcomeSource]) {
      const { ready, inFlight, delayed } = await source.depth();
      if (ready + inFlight + delayed > 0) return false;
    }
    return (await feed.depth()) === 0;
  }

  /** Until it is mended, nobody can store the poisoned person, or find words for the unspeakable one. */
  #withPoison(ports: FlowPorts): FlowPorts {
    const { poisoned } = this.#scenario;
    return {
      ...ports,
      users: watching(ports.users, {
        store: (batches) => {
          const struck = !this.#mended && batches.some(({ records }) => records.some(({ key }) => key === poisoned));
          return struck ? Promise.reject(new Error('The record cannot be stored.')) : ports.users.store(batches);
        },
      }),
    };
  }

  #compose(name: string): string {
    const { unspeakable, files } = this.#scenario;
    const isTheirs = files.some(({ rows }) => rows.some((row) => 'key' in row && row.key === unspeakable && row.name === name));
    if (isTheirs && !this.#mended) throw new Error('There are no words for it.');
    return name;
  }

  /** Asked to stop, every process comes to a safe point and ends. */
  async #end(): Promise<void> {
    for (const process of this.#processes) process?.stop();
    const ended = (): boolean => this.#processes.every((process) => process?.ended !== undefined);
    await this.#scheduler.run(
      calmSteps,
      () => undefined,
      () => Promise.resolve(ended()),
    );
    if (!ended()) throw new Violation('it comes to rest', 'A process that was asked to stop does not.');
  }
}

/** Where things are lost that nobody touched. */
const sky: Life = { name: 'sky', alive: true };

/** The queues, and how a process calls the end from which it receives. */
const queues = { uploads: 'uploadSource', records: 'recordsSource', welcomes: 'welcomeSource' } as const;

async function* bytesOf(text: string): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

function whatOf(error: unknown): string {
  if (error instanceof Violation) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
