import { S3Client } from '@aws-sdk/client-s3';
import { ContainerModule } from 'inversify';
import { S3UploadStore } from '../../../adapters/s3/upload-store.ts';
import { S3UploadTickets } from '../../../adapters/s3/upload-tickets.ts';
import { tokens } from '../tokens.ts';
import { patience } from './patience.ts';

/** All that S3 takes in one form or copies in one request: 5 GiB, in bytes. */
const maxBytes = 5 * 1024 ** 3;

/** How long a ticket is good for, in milliseconds. */
const validMs = 15 * 60_000;

/**
 * A body is read as slowly as its rows are worked on, and a copy of 5 GiB takes a while: so the time-out is one of silence on the line. In
 * milliseconds. Checksums of what is read are left to TLS: the SDK would compute them in JavaScript, for every byte of the file.
 */
const client = {
  requestHandler: { connectionTimeout: patience.requestHandler.connectionTimeout, socketTimeout: 60_000 },
  maxAttempts: patience.maxAttempts,
  responseChecksumValidation: 'WHEN_REQUIRED',
} as const;

/** Uploads in the bucket, and tickets for them. */
export function uploadsModule(bucket: string): ContainerModule {
  return new ContainerModule(({ bind }) => {
    const s3 = new S3Client({ ...client });
    bind(tokens.uploads)
      .toResolvedValue((clock) => new S3UploadStore(s3, clock, { bucket, maxBytes }), [tokens.clock])
      .inSingletonScope();
    bind(tokens.tickets)
      .toResolvedValue((clock, ids) => new S3UploadTickets(s3, clock, ids, { bucket, maxBytes, validMs }), [tokens.clock, tokens.ids])
      .inSingletonScope();
  });
}
