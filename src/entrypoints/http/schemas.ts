import { z } from '@hono/zod-openapi';

const count = z.int().min(0);
const instant = z.string().openapi({ format: 'date-time' });

/** The id of an import or a user. */
const id = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'It is 32 hexadecimal digits.')
  .openapi({ example: '3f2a9c1e5d7b48a0b1c2d3e4f5a6b7c8' });

export const importPath = z.object({ id });
export const userPath = z.object({ user: id });
export const userOrAddressPath = z.object({
  id: z
    .string()
    .min(1)
    .max(320)
    .openapi({ description: 'The id of a user; or the address, by which the user is found sooner.', example: 'ada@example.com' }),
});

/** Where a page ends: from the answer before. */
const after = z.string().max(1_000).optional().openapi({ description: 'The `next` of the page before.' });
const limit = (most: number, usual: number) =>
  z.coerce
    .number()
    .int()
    .min(1)
    .max(most)
    .default(usual)
    .openapi({ type: 'integer', minimum: 1, maximum: most, default: usual, description: 'How many at most.' });

export const pageQuery = z.strictObject({ after, limit: limit(200, 50) });
export const usersQuery = z.strictObject({
  email: z.string().max(320).optional().openapi({ description: 'Only users whose address begins with this, in any case.' }),
  after,
  limit: limit(500, 50),
});
export const rowsQuery = z.strictObject({
  outcome: z.enum(['inserted', 'updated', 'duplicate', 'rejected']).optional(),
  after,
  limit: limit(1_000, 100),
});
const queue = z.enum(['uploads', 'records', 'welcomes']);
export const lettersQuery = z.strictObject({ queue: queue.optional(), import: id.optional(), after, limit: limit(200, 50) });

/** A parameter that may be there several times. */
const several = z
  .union([z.string().max(500), z.array(z.string().max(500)).max(100)])
  .optional()
  .transform((value) => (value === undefined ? [] : typeof value === 'string' ? [value] : value))
  .openapi({ type: 'array', items: { type: 'string' } });
const yes = z.enum(['true', 'false']).default('false').openapi({ type: 'boolean', default: false });
const column = z.string().min(1).max(500).optional();

const reading = {
  file: z.string().max(1_000).optional().openapi({ description: 'How people call the file.', example: 'people.csv' }),
  email: column.openapi({ description: 'The column of addresses, by name or by number from 1.' }),
  name: column.openapi({ description: 'The column of names, by name or by number from 1.' }),
  keep: several.openapi({ description: 'A further column to keep as an attribute of the user; `*` keeps all.' }),
  encoding: z.string().min(1).max(100).optional().openapi({ description: 'Such as utf-8 or gb18030; else it is detected.' }),
  delimiter: z.string().min(1).max(10).optional().openapi({ description: 'One character, or `tab`; else it is detected.' }),
};
export const previewQuery = z.strictObject({
  ...reading,
  partial: yes.openapi({
    type: 'boolean',
    default: false,
    description: 'The body is only the beginning of a file: its last row may be cut.',
  }),
});
export const importQuery = z.strictObject({
  ...reading,
  onExisting: z.enum(['skip', 'update']).default('skip').openapi({ description: 'What a row does whose address has a user already.' }),
  again: yes.openapi({ type: 'boolean', default: false, description: 'Import once more what was imported already.' }),
  dryRun: yes.openapi({ type: 'boolean', default: false, description: 'Judge every row of the file, and store nothing.' }),
});
export type ReadingQuery = z.output<typeof previewQuery> | z.output<typeof importQuery>;

export const idempotencyHeader = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'It is 1 to 255 visible characters of ASCII.')
    .optional()
    .openapi({
      description:
        'A fresh name for this request. A repetition under the same name within 24 hours gets the same answer, and nothing is done twice.',
    }),
});

const attributes = z.custom<Readonly<Record<string, string>>>(isAttributes, 'They are an object of texts.').openapi({
  type: 'object',
  additionalProperties: { type: 'string' },
  description: 'Further columns, by name.',
});

export const newUsers = z
  .strictObject({
    users: z
      .array(
        z.strictObject({ email: z.string().max(100_000), name: z.string().max(100_000).default(''), attributes: attributes.optional() }),
      )
      .min(1),
  })
  .openapi('NewUsers', { example: { users: [{ email: 'ada@example.com', name: 'Ada' }] } });

export const redriveWish = z
  .strictObject({
    ids: z.array(z.string().min(1).max(200)).max(1_000).optional().openapi({ description: 'Only these.' }),
    queue: queue.optional(),
    import: id.optional(),
  })
  .openapi('RedriveWish');

export const uploadWish = z
  .strictObject({
    ...reading,
    keep: z.array(z.string().max(500)).max(100).optional(),
    onExisting: z.enum(['skip', 'update']).optional(),
    again: z.boolean().optional(),
  })
  .openapi('UploadWish');

export const uploadTicket = z
  .object({
    url: z.string().openapi({ description: 'Where the file goes, as a form.' }),
    method: z.literal('POST'),
    fields: z.record(z.string(), z.string()).openapi({ description: 'Fields of the form that go before the file.' }),
    fileField: z.string().openapi({ description: 'The field of the file, which is the last one.' }),
    limit: count.openapi({ description: 'How large the file may be, in bytes.' }),
    location: z.boolean().openapi({ description: 'Whether the answer to the upload names the import in the header Location.' }),
    follow: z.string().optional().openapi({ description: 'Where it does not: the address that tells which import the file becomes.' }),
  })
  .openapi('UploadTicket');
export type UploadTicket = z.output<typeof uploadTicket>;

/** A ticket's place, as it stands in an address. */
export const uploadPath = z.object({ upload: z.string().regex(/^[\w-]{1,1500}$/, 'It is the end of the `follow` of a ticket.') });

export const uploadView = z
  .object({ import: id, begun: z.boolean().openapi({ description: 'Whether the import is there already: ask again in a second if not.' }) })
  .openapi('Upload');
export type UploadView = z.output<typeof uploadView>;

const summary = {
  import: id,
  state: z.enum(['reading', 'storing', 'completed', 'incomplete', 'refused', 'cancelled']),
  rows: count.openapi({ description: 'Rows that have their outcome: inserted + updated + duplicates + rejected.' }),
  inserted: count,
  updated: count,
  duplicates: count,
  rejected: count,
  welcomed: count.openapi({ description: 'Welcomes that the mail server took.' }),
  uncertain: count.openapi({ description: 'Welcomes of which a send was uncertain at some time.' }),
  failed: count.openapi({ description: 'Welcomes that were refused or given up.' }),
  waiting: count.openapi({ description: 'Welcomes that are still to be sent.' }),
  seconds: z.number().min(0),
};

export const importView = z
  .object({
    ...summary,
    file: z.string(),
    size: count.openapi({ description: 'In bytes.' }),
    createdAt: instant,
    endedAt: instant.optional(),
    welcome: z.boolean().openapi({ description: 'Whether the users that it inserts are welcomed.' }),
    read: z.object({ rows: count, bytes: count }).openapi({ description: 'How far the file is read.' }),
    deadLetters: count.openapi({ description: 'Parts of the import that could not be processed.' }),
    onExisting: z.enum(['skip', 'update']),
    email: z.string().optional().openapi({ description: 'The column of addresses, where it was named.' }),
    name: z.string().optional().openapi({ description: 'The column of names, where it was named.' }),
    keep: z.array(z.string()).openapi({ description: 'Further columns, as they were named.' }),
    encoding: z.string().optional(),
    delimiter: z.string().optional(),
    refusal: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).optional(),
  })
  .openapi('Import');
export type ImportView = z.output<typeof importView>;

export const startedView = importView.extend({ how: z.enum(['started', 'resumed', 'ended']) }).openapi('StartedImport');

const rejection = {
  line: count.optional(),
  column: z.string().optional(),
  code: z.string().optional(),
  reason: z.string().optional(),
  cells: z.array(z.string()).optional(),
  cut: z.boolean().optional().openapi({ description: 'The cells were cut to fit.' }),
};
const rowView = z.object({ row: count, outcome: z.enum(['inserted', 'updated', 'duplicate', 'rejected']), ...rejection }).openapi('Row');
export type RowView = z.output<typeof rowView>;

const columnUse = z.enum(['email', 'name', 'keep', 'ignored']);
const columns = z.array(z.object({ number: count, label: z.string(), use: columnUse }));

export const rowsPage = pageOf(rowView).extend({
  columns: columns.openapi({ description: 'The columns of the cells, named as in rejects.csv; empty while the file is not begun.' }),
});
export type RowsPage = z.output<typeof rowsPage>;

export const previewView = z
  .object({
    encoding: z.string(),
    delimiter: z.string(),
    header: z.boolean(),
    columns,
    rows: count,
    valid: count,
    rejected: count,
    whole: z.boolean().openapi({ description: 'Whether all rows of the file were looked at.' }),
    first: z.array(
      z.object({
        row: count,
        line: count,
        cells: z.array(z.string()),
        email: z.string().optional(),
        name: z.string().optional(),
        code: z.string().optional(),
        column: z.string().optional(),
        reason: z.string().optional(),
      }),
    ),
    firstRejected: z.array(z.object({ row: count, ...rejection })),
    refusal: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).optional(),
  })
  .openapi('Preview');
export type PreviewView = z.output<typeof previewView>;

export const userView = z
  .object({
    id,
    email: z.string(),
    name: z.string(),
    attributes: z.record(z.string(), z.string()).optional(),
    import: id,
    row: count,
    welcome: z.enum(['waiting', 'claimed', 'sent', 'uncertain', 'refused', 'failed', 'not wanted']),
    welcomeAt: instant.optional().openapi({ description: 'When its welcome came to this state.' }),
    cause: z.string().optional().openapi({ description: 'Why its welcome is not sent.' }),
  })
  .openapi('User');
export type UserView = z.output<typeof userView>;

export const letterView = z
  .object({ id: z.string(), queue, code: z.string(), cause: z.string(), import: id.optional(), emails: z.array(z.string()), at: instant })
  .openapi('DeadLetter');
export type LetterView = z.output<typeof letterView>;

export const mailView = z
  .object({
    user: id,
    ...{
      from: z.string(),
      to: z.string(),
      subject: z.string(),
      date: z.string(),
      messageId: z.string(),
      text: z.string(),
      html: z.string(),
    },
    page: z.string().openapi({ description: 'Where the HTML can be shown in a sandboxed frame, for five minutes and without a token.' }),
  })
  .openapi('Mail');
export type MailView = z.output<typeof mailView>;

export const problemView = z
  .object({ type: z.string(), title: z.string(), status: z.int(), detail: z.string().optional(), hint: z.string() })
  .openapi('Problem', { description: 'A problem document (RFC 9457).' });

export const statusView = z.object({ status: z.enum(['ok']) }).openapi('Status');

/** A page of something. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    next: z.string().optional().openapi({ description: 'Asks for the next page, as `after`; absent at the end.' }),
  });
}

function isAttributes(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every((text) => typeof text === 'string')
  );
}
