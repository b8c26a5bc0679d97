import type { MessageReader } from '../../ports/message-reader.ts';
import type { SentMail } from '../../ports/sent-mail.ts';
import type { HttpWorld } from '../http/world.ts';
import { tokens, type World } from './tokens.ts';

/** What the HTTP API needs, out of a world; with `messages` and `sentMail` where welcomes are kept as they were sent. */
export function httpWorld(world: World, messages?: MessageReader, sentMail?: SentMail): HttpWorld {
  return {
    clock: world.get(tokens.clock),
    ids: world.get(tokens.ids),
    telemetry: world.get(tokens.telemetry),
    imports: world.get(tokens.imports),
    uploads: world.get(tokens.uploads),
    uploadQueue: world.get(tokens.uploadQueue),
    records: world.get(tokens.acceptedRecords),
    rows: world.get(tokens.rows),
    rowWriter: world.get(tokens.rowWriter),
    syntax: world.get(tokens.syntax),
    users: world.get(tokens.users),
    ledger: world.get(tokens.welcomeLedger),
    deadLetters: world.get(tokens.deadLetters),
    welcomeCodec: world.get(tokens.welcomeCodec),
    keys: world.get(tokens.keys),
    ...(messages && { messages }),
    ...(sentMail && { sentMail }),
  };
}
