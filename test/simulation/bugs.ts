import type { BatchResult, ImportHead } from '../../src/ports/import-ledger.ts';
import { MailUncertain, MailUnavailable } from '../../src/ports/mailer.ts';
import type { MessageQueue } from '../../src/ports/message-queue.ts';
import type { MessageSource } from '../../src/ports/message-source.ts';
import type { Bug } from './run.ts';
import { watching } from './witness.ts';

/** A bug on purpose, and the law by which it must be caught. */
export interface PlantedBug extends Bug {
  readonly breaks: string;
}

/** Each is a small wrapper between the flow and its adapters: nothing in `src` knows of them. */
export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'records are acknowledged before they are stored',
    breaks: 'nothing disappears',
    inAdapters: (ports) => ({ ...ports, recordsSource: acknowledgingAtOnce(ports.recordsSource) }),
  },
  {
    name: 'uploads are acknowledged before they are read',
    breaks: 'nothing disappears',
    inAdapters: (ports) => ({ ...ports, uploadSource: acknowledgingAtOnce(ports.uploadSource) }),
  },
  {
    name: 'a batch that is delivered twice is counted twice',
    breaks: 'conservation',
    inAdapters: (ports) => {
      const extra: BatchResult[] = [];
      const seen = new Set<string>();
      return {
        ...ports,
        imports: watching(ports.imports, {
          record: async (results) => {
            for (const result of results) {
              const name = `${result.importId}/${result.firstRow}`;
              if (seen.has(name)) extra.push({ ...result, firstRow: result.firstRow + 1_000 * (extra.length + 1) });
              seen.add(name);
            }
            await ports.imports.record([...results, ...extra.splice(0)]);
          },
        }),
      };
    },
  },
  {
    name: 'the key does not fold case',
    breaks: 'one account',
    inAdapters: (ports) => ({
      ...ports,
      users: watching(ports.users, {
        store: (batches) =>
          ports.users.store(
            batches.map((batch) => ({ ...batch, records: batch.records.map((record) => ({ ...record, key: record.address })) })),
          ),
      }),
    }),
  },
  {
    name: 'a welcome is confirmed before it is sent',
    breaks: 'one welcome',
    inAdapters: (ports) => ({
      ...ports,
      ledger: watching(ports.ledger, {
        replace: (records) =>
          ports.ledger.replace(records.map((record) => (record.state === 'claimed' ? { ...record, state: 'sent' } : record))),
      }),
    }),
  },
  {
    name: 'messages that the queue did not take are forgotten',
    breaks: 'nothing disappears',
    inProcess: (ports) => ({ ...ports, records: forgetful(ports.records), welcomes: forgetful(ports.welcomes) }),
  },
  {
    name: 'the checkpoint is ahead of what was sent',
    breaks: 'conservation',
    inAdapters: (ports) => ({
      ...ports,
      imports: watching(ports.imports, {
        replace: (head) => {
          const { checkpoint } = head;
          return ports.imports.replace(checkpoint ? { ...head, checkpoint: { ...checkpoint, row: checkpoint.row + 1 } } : head);
        },
      }),
    }),
  },
  {
    name: 'attempts do not grow',
    breaks: 'it comes to rest',
    inAdapters: (ports) => ({
      ...ports,
      imports: watching(ports.imports, {
        noteFailure: async (failure) => {
          await ports.imports.noteFailure(failure);
          return 1;
        },
      }),
    }),
  },
  {
    name: 'the feed moves on before its users are announced',
    breaks: 'nothing disappears',
    inAdapters: (ports) => ({
      ...ports,
      feed: watching(ports.feed, {
        receive: async (limit, waitMs, signal) => {
          const batch = await ports.feed.receive(limit, waitMs, signal);
          if (batch.users.length > 0) await ports.feed.advance(batch);
          return batch;
        },
      }),
    }),
  },
  {
    name: 'the lease of a welcome is ignored',
    breaks: 'one welcome',
    inAdapters: (ports) => ({
      ...ports,
      ledger: watching(ports.ledger, {
        replace: async (records) => {
          const kept = await ports.ledger.find(records.map(({ userId }) => userId));
          return ports.ledger.replace(records.map((record, index) => ({ ...record, revision: kept[index]?.revision ?? 0 })));
        },
      }),
    }),
  },
  {
    name: 'the lease of a reader is ignored',
    breaks: 'same upload, same import',
    inAdapters: (ports) => ({
      ...ports,
      imports: watching(ports.imports, {
        replace: async (head) => {
          const kept = await ports.imports.find(head.id);
          return ports.imports.replace({ ...head, revision: kept?.revision ?? head.revision });
        },
      }),
    }),
  },
  {
    name: 'dead letters are dropped',
    breaks: 'nothing disappears',
    inAdapters: (ports) => ({ ...ports, deadLetters: watching(ports.deadLetters, { put: () => Promise.resolve() }) }),
  },
  {
    name: 'a redrive sends again who was welcomed',
    breaks: 'one welcome',
    inAdapters: (ports) => ({
      ...ports,
      deadLetters: watching(ports.deadLetters, {
        redrive: async (ids) => {
          const users = await ports.users.list(1_000);
          const records = await ports.ledger.find(users.map(({ key }) => ports.ids.derived('user', key)));
          await ports.ledger.replace(
            records.flatMap((record) => (record?.state === 'sent' ? [{ ...record, state: 'waiting' as const }] : [])),
          );
          return ports.deadLetters.redrive(ids);
        },
      }),
    }),
  },
  {
    name: 'a redrive loses the letter',
    breaks: 'nothing disappears',
    inAdapters: (ports) => {
      const gone = new Set<string>();
      return {
        ...ports,
        deadLetters: watching(ports.deadLetters, {
          redrive: (ids) => {
            for (const id of ids) gone.add(id);
            return Promise.resolve(ids.length);
          },
          list: async (filter, limit, after) => (await ports.deadLetters.list(filter, limit, after)).filter(({ id }) => !gone.has(id)),
        }),
      };
    },
  },
  {
    name: 'duplicates count as inserted',
    breaks: 'one account',
    inAdapters: (ports) => ({
      ...ports,
      users: watching(ports.users, {
        store: async (batches) => (await ports.users.store(batches)).map((makers) => makers.map(() => 'this' as const)),
      }),
    }),
  },
  {
    name: 'a row that comes again counts as a duplicate of itself',
    breaks: 'one account',
    inAdapters: (ports) => {
      const made = new Set<string>();
      return {
        ...ports,
        users: watching(ports.users, {
          store: async (batches) => {
            const makers = await ports.users.store(batches);
            return makers.map((own, index) =>
              own.map((maker, place) => {
                const name = `${batches[index]?.importId}/${batches[index]?.records[place]?.row}`;
                const isAgain = maker === 'this' && made.has(name);
                made.add(name);
                return isAgain ? ('another' as const) : maker;
              }),
            );
          },
        }),
      };
    },
  },
  {
    name: 'rejections are lost where reading is resumed',
    breaks: 'same upload, same import',
    inAdapters: (ports) => ({
      ...ports,
      rows: {
        detect: (bytes, wanted) => ports.rows.detect(bytes, wanted),
        read: async function* (bytes, dialect, from) {
          for await (const block of ports.rows.read(bytes, dialect, from)) {
            yield from ? { ...block, rows: block.rows.filter(({ cells }) => cells[1] !== '') } : block;
          }
        },
      },
    }),
  },
  {
    name: 'reading is resumed one row too late',
    breaks: 'same upload, same import',
    inAdapters: (ports) => ({
      ...ports,
      rows: {
        detect: (bytes, wanted) => ports.rows.detect(bytes, wanted),
        read: (bytes, dialect, from) => ports.rows.read(bytes, dialect, from && { ...from, ordinal: from.ordinal + 1 }),
      },
    }),
  },
  {
    name: 'the plan of a reading is not kept',
    breaks: 'same upload, same import',
    inAdapters: (ports) => ({
      ...ports,
      imports: watching(ports.imports, {
        find: async (id) => {
          const head = await ports.imports.find(id);
          return head?.state === 'reading' && head.plan ? { ...head, plan: { ...head.plan, batchRows: 2 + (head.revision % 3) } } : head;
        },
      }),
    }),
  },
  {
    name: 'a send without an answer is taken for one that failed',
    breaks: 'one welcome',
    inProcess: (ports) => ({
      ...ports,
      mailer: watching(ports.mailer, {
        send: async (envelope, message) => {
          try {
            await ports.mailer.send(envelope, message);
          } catch (error) {
            throw error instanceof MailUncertain ? new MailUnavailable(error.message) : error;
          }
        },
      }),
    }),
  },
  {
    name: 'who is to get no welcome gets one',
    breaks: 'one welcome',
    inAdapters: (ports) => ({
      ...ports,
      welcomes: watching(ports.welcomes, {
        send: async (messages) => {
          const users = await ports.users.list(1_000);
          const all = users.map(({ key, address, name, origin }) => ({
            userId: ports.ids.derived('user', key),
            address,
            name,
            importId: origin.importId,
          }));
          return ports.welcomes.send(messages.map((message) => ({ ...message, body: { recipients: all } })));
        },
      }),
    }),
  },
  {
    name: 'an older row is written over a newer one',
    breaks: 'one account',
    inAdapters: (ports) => ({
      ...ports,
      users: watching(ports.users, {
        store: (batches) => ports.users.store(batches.map((batch) => ({ ...batch, importedAt: ports.clock.now() }))),
      }),
    }),
  },
  {
    name: 'an import is completed although batches are missing',
    breaks: 'conservation',
    inAdapters: (ports) => ({
      ...ports,
      imports: watching(ports.imports, {
        progress: async (id) => {
          const progress = await ports.imports.progress(id);
          const head: ImportHead | undefined = await ports.imports.find(id);
          return { ...progress, batches: head?.batches ?? progress.batches };
        },
      }),
    }),
  },
  {
    name: 'a mail that nobody handed over counts as uncertain',
    breaks: 'one welcome',
    inProcess: (ports) => ({
      ...ports,
      mailer: watching(ports.mailer, {
        send: (envelope, message) =>
          ports.mailer.idempotent
            ? ports.mailer.send(envelope, message)
            : Promise.reject(new MailUncertain('The server said something else than was expected.')),
      }),
    }),
  },
  {
    name: 'a welcome is tried again after any number of uncertain sends',
    breaks: 'one welcome',
    inAdapters: (ports) => ({
      ...ports,
      ledger: watching(ports.ledger, {
        replace: async (records) => {
          const before = await ports.ledger.find(records.map(({ userId }) => userId));
          const answers = await ports.ledger.replace(
            records.map((record, index) => ({ ...record, uncertainSends: record.uncertainSends + (before[index]?.uncertainSends ?? 0) })),
          );
          return answers.map((answer) => ({ ...answer, ...(answer.kept && { kept: { ...answer.kept, uncertainSends: 0 } }) }));
        },
      }),
    }),
  },
  {
    name: 'the reader does not wait for what it has sent',
    breaks: 'bounded memory',
    inProcess: (ports) => ({
      ...ports,
      records: {
        send: (messages) => {
          ports.records.send(messages).catch(() => undefined);
          return Promise.resolve([]);
        },
      },
    }),
  },
  {
    name: 'an upload is let go of while another import is to read it',
    breaks: 'nothing disappears',
    inAdapters: (ports) => ({
      ...ports,
      imports: watching(ports.imports, {
        list: async (limit, before) => {
          const heads = await ports.imports.list(limit, before);
          return heads.map((head) => (head.state === 'reading' ? { ...head, state: 'read' } : head));
        },
      }),
    }),
  },
  {
    name: 'duplicates count as updated',
    breaks: 'conservation',
    inAdapters: (ports) => ({
      ...ports,
      imports: watching(ports.imports, {
        record: (results) =>
          ports.imports.record(
            results.map((result) => ({
              ...result,
              outcomes: result.outcomes.map((outcome) => (outcome === 'duplicate' ? 'updated' : outcome)),
            })),
          ),
      }),
    }),
  },
  {
    name: 'a file that comes again is another import',
    breaks: 'same upload, same import',
    inProcess: (ports) => ({
      ...ports,
      ids: watching(ports.ids, {
        derived: (kind, ...parts) => ports.ids.derived(kind, ...parts, ...(kind === 'import' ? [ports.ids.fresh()] : [])),
      }),
    }),
  },
  {
    name: 'a message that is released is gone',
    breaks: 'nothing disappears',
    inAdapters: (ports) => ({
      ...ports,
      recordsSource: watching(ports.recordsSource, { release: (receipts) => ports.recordsSource.acknowledge(receipts) }),
    }),
  },
];

function acknowledgingAtOnce<T>(source: MessageSource<T>): MessageSource<T> {
  return watching(source, {
    receive: async (limit, waitMs, signal) => {
      const deliveries = await source.receive(limit, waitMs, signal);
      await source.acknowledge(deliveries.map(({ receipt }) => receipt));
      return deliveries;
    },
  });
}

function forgetful<T>(queue: MessageQueue<T>): MessageQueue<T> {
  return { send: async (messages) => (await queue.send(messages), []) };
}
