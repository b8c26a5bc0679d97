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
    inAdapters: wrapping('imports', (imports) => {
      const extra: BatchResult[] = [];
      const seen = new Set<string>();
      return {
        record: async (results) => {
          for (const result of results) {
            const name = `${result.importId}/${result.firstRow}`;
            if (seen.has(name)) extra.push({ ...result, firstRow: result.firstRow + 1_000 * (extra.length + 1) });
            seen.add(name);
          }
          await imports.record([...results, ...extra.splice(0)]);
        },
      };
    }),
  },
  {
    name: 'the key does not fold case',
    breaks: 'one account',
    inAdapters: wrapping('users', (users) => ({
      store: (batches) =>
        users.store(batches.map((batch) => ({ ...batch, records: batch.records.map((record) => ({ ...record, key: record.address })) }))),
    })),
  },
  {
    name: 'a welcome is confirmed before it is sent',
    breaks: 'one welcome',
    inAdapters: wrapping('ledger', (ledger) => ({
      replace: (records) => ledger.replace(records.map((record) => (record.state === 'claimed' ? { ...record, state: 'sent' } : record))),
    })),
  },
  {
    name: 'messages that the queue did not take are forgotten',
    breaks: 'nothing disappears',
    inProcess: (ports) => ({ ...ports, records: forgetful(ports.records), welcomes: forgetful(ports.welcomes) }),
  },
  {
    name: 'the checkpoint is ahead of what was sent',
    breaks: 'conservation',
    inAdapters: wrapping('imports', (imports) => ({
      replace: (head) => {
        const { checkpoint } = head;
        return imports.replace(checkpoint ? { ...head, checkpoint: { ...checkpoint, row: checkpoint.row + 1 } } : head);
      },
    })),
  },
  {
    name: 'attempts do not grow',
    breaks: 'it comes to rest',
    inAdapters: wrapping('imports', (imports) => ({
      noteFailure: async (failure) => {
        await imports.noteFailure(failure);
        return 1;
      },
    })),
  },
  {
    name: 'the feed moves on before its users are announced',
    breaks: 'nothing disappears',
    inAdapters: wrapping('feed', (feed) => ({
      receive: async (limit, waitMs, signal) => {
        const batch = await feed.receive(limit, waitMs, signal);
        if (batch.users.length > 0) await feed.advance(batch);
        return batch;
      },
    })),
  },
  {
    name: 'the lease of a welcome is ignored',
    breaks: 'one welcome',
    inAdapters: wrapping('ledger', (ledger) => ({
      replace: async (records) => {
        const kept = await ledger.find(records.map(({ userId }) => userId));
        return ledger.replace(records.map((record, index) => ({ ...record, revision: kept[index]?.revision ?? 0 })));
      },
    })),
  },
  {
    name: 'the lease of a reader is ignored',
    breaks: 'same upload, same import',
    inAdapters: wrapping('imports', (imports) => ({
      replace: async (head) => {
        const kept = await imports.find(head.id);
        return imports.replace({ ...head, revision: kept?.revision ?? head.revision });
      },
    })),
  },
  {
    name: 'dead letters are dropped',
    breaks: 'nothing disappears',
    inAdapters: wrapping('deadLetters', () => ({
      put: () => Promise.resolve(),
    })),
  },
  {
    name: 'a redrive sends again who was welcomed',
    breaks: 'one welcome',
    inAdapters: wrapping('deadLetters', (deadLetters, ports) => ({
      redrive: async (ids) => {
        const users = await ports.users.list(1_000);
        const records = await ports.ledger.find(users.map(({ key }) => ports.ids.derived('user', key)));
        await ports.ledger.replace(
          records.flatMap((record) => (record?.state === 'sent' ? [{ ...record, state: 'waiting' as const }] : [])),
        );
        return deadLetters.redrive(ids);
      },
    })),
  },
  {
    name: 'a redrive loses the letter',
    breaks: 'nothing disappears',
    inAdapters: wrapping('deadLetters', (deadLetters) => {
      const gone = new Set<string>();
      return {
        redrive: (ids) => {
          for (const id of ids) gone.add(id);
          return Promise.resolve(ids.length);
        },
        list: async (filter, limit, after) => (await deadLetters.list(filter, limit, after)).filter(({ id }) => !gone.has(id)),
      };
    }),
  },
  {
    name: 'duplicates count as inserted',
    breaks: 'one account',
    inAdapters: wrapping('users', (users) => ({
      store: async (batches) => (await users.store(batches)).map((makers) => makers.map(() => 'this' as const)),
    })),
  },
  {
    name: 'a row that comes again counts as a duplicate of itself',
    breaks: 'one account',
    inAdapters: wrapping('users', (users) => {
      const made = new Set<string>();
      return {
        store: async (batches) => {
          const makers = await users.store(batches);
          return makers.map((own, index) =>
            own.map((maker, place) => {
              const name = `${batches[index]?.importId}/${batches[index]?.records[place]?.row}`;
              const isAgain = maker === 'this' && made.has(name);
              made.add(name);
              return isAgain ? ('another' as const) : maker;
            }),
          );
        },
      };
    }),
  },
  {
    name: 'rejections are lost where reading is resumed',
    breaks: 'same upload, same import',
    inAdapters: wrapping('rows', (rows) => ({
      read: async function* (bytes, dialect, from) {
        for await (const block of rows.read(bytes, dialect, from)) {
          yield from ? { ...block, rows: block.rows.filter(({ cells }) => cells[1] !== '') } : block;
        }
      },
    })),
  },
  {
    name: 'reading is resumed one row too late',
    breaks: 'same upload, same import',
    inAdapters: wrapping('rows', (rows) => ({
      read: (bytes, dialect, from) => rows.read(bytes, dialect, from && { ...from, ordinal: from.ordinal + 1 }),
    })),
  },
  {
    name: 'the plan of a reading is not kept',
    breaks: 'same upload, same import',
    inAdapters: wrapping('imports', (imports) => ({
      find: async (id) => {
        const head = await imports.find(id);
        return head?.state === 'reading' && head.plan ? { ...head, plan: { ...head.plan, batchRows: 2 + (head.revision % 3) } } : head;
      },
    })),
  },
  {
    name: 'a send without an answer is taken for one that failed',
    breaks: 'one welcome',
    inProcess: wrapping('mailer', (mailer) => ({
      send: async (envelope, message) => {
        try {
          await mailer.send(envelope, message);
        } catch (error) {
          throw error instanceof MailUncertain ? new MailUnavailable(error.message) : error;
        }
      },
    })),
  },
  {
    name: 'who is to get no welcome gets one',
    breaks: 'one welcome',
    inAdapters: wrapping('welcomes', (welcomes, ports) => ({
      send: async (messages) => {
        const users = await ports.users.list(1_000);
        const all = users.map(({ key, address, name, origin }) => ({
          userId: ports.ids.derived('user', key),
          address,
          name,
          importId: origin.importId,
        }));
        return welcomes.send(messages.map((message) => ({ ...message, body: { recipients: all } })));
      },
    })),
  },
  {
    name: 'an older row is written over a newer one',
    breaks: 'one account',
    inAdapters: wrapping('users', (users, ports) => ({
      store: (batches) => users.store(batches.map((batch) => ({ ...batch, importedAt: ports.clock.now() }))),
    })),
  },
  {
    name: 'an import is completed although batches are missing',
    breaks: 'conservation',
    inAdapters: wrapping('imports', (imports) => ({
      progress: async (id) => {
        const progress = await imports.progress(id);
        const head: ImportHead | undefined = await imports.find(id);
        return { ...progress, batches: head?.batches ?? progress.batches };
      },
    })),
  },
  {
    name: 'a mail that nobody handed over counts as uncertain',
    breaks: 'one welcome',
    inProcess: wrapping('mailer', (mailer) => ({
      send: (envelope, message) =>
        mailer.idempotent
          ? mailer.send(envelope, message)
          : Promise.reject(new MailUncertain('The server said something else than was expected.')),
    })),
  },
  {
    name: 'a welcome is tried again after any number of uncertain sends',
    breaks: 'one welcome',
    inAdapters: wrapping('ledger', (ledger) => ({
      replace: async (records) => {
        const before = await ledger.find(records.map(({ userId }) => userId));
        const answers = await ledger.replace(
          records.map((record, index) => ({ ...record, uncertainSends: record.uncertainSends + (before[index]?.uncertainSends ?? 0) })),
        );
        return answers.map((answer) => ({ ...answer, ...(answer.kept && { kept: { ...answer.kept, uncertainSends: 0 } }) }));
      },
    })),
  },
  {
    name: 'the reader does not wait for what it has sent',
    breaks: 'bounded memory',
    inProcess: wrapping('records', (records) => ({
      send: (messages) => {
        records.send(messages).catch(() => undefined);
        return Promise.resolve([]);
      },
    })),
  },
  {
    name: 'an upload is let go of while another import is to read it',
    breaks: 'nothing disappears',
    inAdapters: wrapping('imports', (imports) => ({
      list: async (limit, before) => {
        const heads = await imports.list(limit, before);
        return heads.map((head) => (head.state === 'reading' ? { ...head, state: 'read' } : head));
      },
    })),
  },
  {
    name: 'duplicates count as updated',
    breaks: 'conservation',
    inAdapters: wrapping('imports', (imports) => ({
      record: (results) =>
        imports.record(
          results.map((result) => ({
            ...result,
            outcomes: result.outcomes.map((outcome) => (outcome === 'duplicate' ? 'updated' : outcome)),
          })),
        ),
    })),
  },
  {
    name: 'a file that comes again is another import',
    breaks: 'same upload, same import',
    inProcess: wrapping('ids', (ids) => ({
      derived: (kind, ...parts) => ids.derived(kind, ...parts, ...(kind === 'import' ? [ids.fresh()] : [])),
    })),
  },
  {
    name: 'a message that is released is gone',
    breaks: 'nothing disappears',
    inAdapters: wrapping('recordsSource', (recordsSource) => ({
      release: (receipts) => recordsSource.acknowledge(receipts),
    })),
  },
];

/** The ports, one of which does something of its own in these calls; `methods` is given what it was, and all of them. */
function wrapping<N extends PropertyKey, T extends object, P extends Record<N, T>>(
  name: N,
  methods: (port: P[N], ports: P) => Partial<P[N]>,
): (ports: P) => P {
  return (ports) => ({ ...ports, [name]: watching(ports[name], methods(ports[name], ports)) });
}

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
