import type { MemoryMailer } from '../../src/adapters/memory/mailer.ts';
import type { Delivery, MessageSource } from '../../src/ports/message-source.ts';
import type { FeedBatch } from '../../src/ports/user-feed.ts';
import type { QueueName } from '../../src/ports/vocabulary.ts';
import type { FlowPorts } from '../flow/flow.ts';
import type { Laws } from './laws.ts';

/**
 * The durable ports, watched: whoever has an effect through them is held to the laws at once. It stands right before the
 * adapters, so that it sees what really happened, whatever its caller was told.
 */
export function witnessed(ports: FlowPorts, laws: Laws): FlowPorts {
  return {
    ...ports,
    uploadSource: witnessedSource('uploads', ports.uploadSource, laws),
    recordsSource: witnessedSource('records', ports.recordsSource, laws),
    welcomeSource: witnessedSource('welcomes', ports.welcomeSource, laws),
    records: {
      send: async (messages) => {
        for (const { body } of messages) laws.whenBatchIsSent(body);
        return ports.records.send(messages);
      },
    },
    welcomes: {
      send: async (messages) => {
        const unsent = await ports.welcomes.send(messages);
        const taken = messages.filter((_, index) => unsent.every((one) => one.index !== index));
        laws.whenAnnounced(taken.flatMap(({ body }) => body.recipients.map(({ userId }) => userId)));
        return unsent;
      },
    },
    feed: watching(ports.feed, {
      advance: async (batch: FeedBatch) => {
        await ports.feed.advance(batch);
        await laws.whenFeedAdvanced(batch.users);
      },
    }),
    imports: watching(ports.imports, {
      replace: async (head) => {
        const written = await ports.imports.replace(head);
        if (written && head.state === 'completed') await laws.whenCompleted(head);
        return written;
      },
    }),
    ledger: watching(ports.ledger, {
      replace: async (records) => {
        const before = await ports.ledger.find(records.map(({ userId }) => userId));
        const answers = await ports.ledger.replace(records);
        answers.forEach(({ written, kept }, index) => {
          if (written) laws.whenWelcomeIsDecided(before[index], kept);
        });
        return answers;
      },
    }),
    deadLetters: watching(ports.deadLetters, {
      put: async (letters) => {
        laws.whenSetAside(letters.map(({ text }) => text));
        await ports.deadLetters.put(letters);
      },
    }),
    mailer: watching(ports.mailer, {
      send: async (envelope, message) => {
        const { times } = ports.mailer.taken.get(envelope.userId) ?? { times: 0 };
        await ports.mailer.send(envelope, message);
        if ((ports.mailer.taken.get(envelope.userId)?.times ?? 0) > times) await laws.whenMailIsTaken(envelope.userId);
      },
    } satisfies Partial<MemoryMailer>),
  };
}

function witnessedSource<T>(queue: QueueName, source: MessageSource<T>, laws: Laws): MessageSource<T> {
  const delivered = new Map<string, Delivery<T>>();
  return watching(source, {
    receive: async (limit, waitMs, signal) => {
      const deliveries = await source.receive(limit, waitMs, signal);
      for (const delivery of deliveries) delivered.set(delivery.receipt, delivery);
      return deliveries;
    },
    acknowledge: async (receipts) => {
      await source.acknowledge(receipts);
      for (const receipt of receipts) {
        const delivery = delivered.get(receipt);
        if (delivery) await laws.whenAcknowledged(queue, delivery);
      }
    },
  });
}

/** The port with some of its methods watched. */
export function watching<T extends object>(port: T, methods: Partial<T>): T {
  return new Proxy(port, {
    get: (target, name) => {
      const own: unknown = Reflect.get(methods, name);
      if (own !== undefined) return own;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}
