import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UploadMissing } from '../../src/ports/upload-store.ts';
import { WishesUnusable, type ImportWishes, type UploadTicket, type UploadTickets } from '../../src/ports/upload-tickets.ts';
import type { Upload } from '../../src/ports/vocabulary.ts';
import { present, type World } from './world.ts';

/** Tickets for a store that is empty. They are good for less than a week, and for at least 1,000 bytes. */
export interface TicketsWorld extends World {
  readonly tickets: UploadTickets;
  /** Posts a ticket's form as a browser does, with some fields changed; answers the upload as the store tells of it, or nothing where it takes none. */
  post(ticket: UploadTicket, bytes: Uint8Array, changed?: Readonly<Record<string, string>>): Promise<Upload | undefined>;
  /** Brings an upload without a ticket. */
  bring(name: string, bytes: Uint8Array): Promise<Upload>;
  /** The bytes that the store has; read behind the adapter. */
  read(upload: Upload): Promise<Uint8Array>;
  remove(upload: Upload): Promise<void>;
}

const everything: ImportWishes = {
  encoding: 'gb18030',
  delimiter: '\t',
  map: { email: 'E-Mail, geschäftlich', name: '姓名' },
  keep: ['city', 'birth, year', '100 %', '城市'],
  onExisting: 'update',
  welcome: false,
};

/** What all upload tickets promise. */
export function uploadTicketsContract(label: string, factory: () => Promise<TicketsWorld>): void {
  describe(`${label} as UploadTickets`, () => {
    let world: TicketsWorld;
    beforeEach(async () => {
      world = await factory();
    });
    afterEach(() => world.close());

    const bytes = Buffer.from('name,email\nA,a@example.com\n');
    const brought = async (name: string, wishes: ImportWishes) => present(await world.post(await world.tickets.issue(name, wishes), bytes));

    test('what is posted with a ticket lands as it is, under its name', async () => {
      const upload = await brought('people.csv', {});
      expect([upload.name, upload.size]).toStrictEqual(['people.csv', bytes.length]);
      expect(Buffer.from(await world.read(upload))).toEqual(bytes);
    });

    test.each(['li lei+1 50% off.csv', '李雷 & 韩梅梅.csv', 'a\'b"c?#[x]=;.csv', 'ünï😀.csv', '${filename}.csv'])(
      'a name such as %s is taken',
      async (name) => {
        const upload = await brought(name, everything);
        expect(Buffer.from(await world.read(upload))).toEqual(bytes);
        expect(await world.tickets.wishes(upload)).toStrictEqual(everything);
      },
    );

    test.each([
      ['everything', everything],
      ['nothing', {}],
      ['some', { map: { name: '2' }, welcome: true }],
      ['all columns', { keep: ['*'] }],
    ])('wishes for %s come back with the upload', async (_, wishes) => {
      expect(await world.tickets.wishes(await brought('people.csv', wishes))).toStrictEqual(wishes);
    });

    test('an upload without a ticket wishes for nothing', async () => {
      expect(await world.tickets.wishes(await world.bring('people.csv', bytes))).toStrictEqual({});
    });

    test('two uploads of one name do not meet', async () => {
      const first = await brought('people.csv', { welcome: false });
      const second = await brought('people.csv', {});
      expect(first.location).not.toBe(second.location);
      expect(await world.tickets.wishes(first)).toStrictEqual({ welcome: false });
    });

    test('nothing is taken that is larger than the ticket says', async () => {
      const ticket = await world.tickets.issue('people.csv', {});
      expect(await world.post(ticket, Buffer.alloc(ticket.maxBytes + 1, 'x'))).toBeUndefined();
      expect(present(await world.post(ticket, Buffer.alloc(ticket.maxBytes, 'x'))).size).toBe(ticket.maxBytes);
    });

    test('nothing is taken after its time, and not before is it over', async () => {
      const ticket = await world.tickets.issue('people.csv', {});
      expect(ticket.expiresAt).toBeGreaterThan(world.now());
      await world.advance(ticket.expiresAt - world.now() - 2_000);
      expect(await world.post(ticket, bytes)).toBeDefined();
      await world.advance(3_000);
      expect(await world.post(ticket, bytes)).toBeUndefined();
    });

    test('no field can be changed', async () => {
      const ticket = await world.tickets.issue('people.csv', everything);
      const names = Object.keys(ticket.fields);
      expect(names.length).toBeGreaterThan(0);
      const changes = names.map((name) => ({ [name]: `${ticket.fields[name] ?? ''}x` }));
      for (const change of changes) expect(await world.post(ticket, bytes, change)).toBeUndefined();
    });

    test.each(['people.csv', '李雷 & 韩 1+1.csv'])('what came by a ticket is found by it, once it is there: %s', async (name) => {
      const ticket = await world.tickets.issue(name, {});
      expect(await world.tickets.find(ticket.place)).toBeUndefined();
      const upload = present(await world.post(ticket, bytes));
      expect(await world.tickets.find(ticket.place)).toStrictEqual(upload);
      expect(await world.tickets.find((await world.tickets.issue(name, {})).place)).toBeUndefined();
      const again = present(await world.post(ticket, Buffer.from('name,email\n')));
      expect(await world.tickets.find(ticket.place)).toStrictEqual(again);
    });

    test('all tickets are for one origin', async () => {
      const { url } = await world.tickets.issue('people.csv', {});
      expect(await world.tickets.origin()).toBe(new URL(url).origin);
    });

    test('wishes that are too long to travel are refused with the ticket', async () => {
      const keep = Array.from({ length: 1_000 }, (_, n) => `column ${n}`);
      await expect(world.tickets.issue('people.csv', { keep })).rejects.toThrow(WishesUnusable);
    });

    test('of an upload that is gone there are no wishes', async () => {
      const upload = await brought('people.csv', {});
      await world.remove(upload);
      await expect(world.tickets.wishes(upload)).rejects.toThrow(UploadMissing);
    });
  });
}
