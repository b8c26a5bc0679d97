import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/** What CreateTable needs to know about a table beside its name. */
type TableDefinition = Omit<CreateTableCommandInput, 'TableName'>;

/** Items of `imports` that have this attribute go after that time, in seconds since the epoch (DynamoDB Developer Guide, "Time to Live"). */
export const expiryAttribute = 'expires';

/**
 * The tables: their keys, who asks them for what, and the write units (1 KB each) that a user costs. A unit costs the same whatever it
 * buys, so each is listed with the promise that it pays for. A user `name,email` costs 3 in its whole life, and the accounting of its batch.
 *
 * `users`, one item an account. Partition key `key`, the folded address.
 * | who asks                | request                                        | units                                                  |
 * | ----------------------- | ---------------------------------------------- | ------------------------------------------------------ |
 * | store: new users        | PartiQL INSERT, 25 a request                   | 1 write a user: one account an address                 |
 * | store: whose is it?     | BatchGetItem, consistent, 100 a request        | 1 read a user that existed (and the write of its try)  |
 * | store: newer data       | PartiQL UPDATE over the version, 25 a request  | 1 write a user that existed, where the data are newer  |
 * | find; list and count    | BatchGetItem; Scan                             | reads alone                                            |
 * | announce                | the stream, NEW_IMAGE                          | none: reads by Lambda cost nothing                     |
 * Allowed actions: PartiQLInsert, PartiQLUpdate, BatchGetItem, Scan. Attributes: `key`, `address` (where it is not the key), `name`,
 * `attributes` (JSON), `importId` and `row` (which row made it), `version` (whose data it has), `welcome` (what the stream's filter looks at).
 *
 * `imports`, one partition an import. Partition key `pk`, sort key `sk`.
 * | pk       | sk                                | holds                                                       | units                    |
 * | -------- | --------------------------------- | ----------------------------------------------------------- | ------------------------ |
 * | import   | `head`                            | the head as JSON, `revision`                                | 1 write a change         |
 * | import   | `counts`                          | sums over the results                                       | 2 writes a transaction   |
 * | import   | `batch#<first row>`               | `outcomes`, one letter a row                                | 2 writes a KB: exact     |
 * | import   | `rejections#<row of the first>`   | rejections as JSON, up to 256 KiB together                  | counts under replay;     |
 * | import   | `failure#<part>`                  | `attempts`, `dead`, `cause`                                 | 2 to forget it           |
 * | `imports`| `<created at>#<import>`           | nothing: lists imports by time                              | 2 writes an import       |
 * | `settings`| `channel`                        | how welcomes go out                                         | 1 write                  |
 * | `feed`   | `state`                           | the stream worker's lease and checkpoints                   | 2 writes a batch of users|
 * | `schedule`| `line`                           | until when the time to send is taken, `free`                | 1 write a message        |
 * | `schedule#<message>` | `stretch`             | when its time to send `begins`, `expires`                   | 1 write a message, if it waits |
 * | `answer#<key>` | `answer`                    | the answer to a request with an Idempotency-Key, `expires`  | 1 write a KB             |
 * Rows and times in keys have leading zeros, so that they sort as numbers. Progress is one Query: `counts` and `failure#…` lie together.
 * Allowed actions: GetItem, PutItem, UpdateItem, DeleteItem, BatchGetItem, Query (transactions are allowed by these).
 *
 * `welcomes`, one item a user. Partition key `userId`.
 * | who asks   | request                                         | units                                                   |
 * | ---------- | ----------------------------------------------- | ------------------------------------------------------- |
 * | claim      | PartiQL INSERT or UPDATE, 25 a request          | 1 write a user: nobody else sends it                    |
 * | confirm    | PartiQL UPDATE over the revision, 25 a request  | 1 write a user: it is never sent again                  |
 * | find       | BatchGetItem, consistent                        | 1 read a user                                           |
 * | totals     | Scan in parallel                                | half a read for 4 KB of the table                       |
 * Allowed actions: PartiQLInsert, PartiQLUpdate, BatchGetItem, Scan.
 */
export const tables: Readonly<Record<'users' | 'imports' | 'welcomes', TableDefinition>> = {
  users: {
    KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'key', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
  },
  imports: {
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  },
  welcomes: {
    KeySchema: [{ AttributeName: 'userId', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'userId', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
  },
};
