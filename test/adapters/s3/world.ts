import { S3Client } from '@aws-sdk/client-s3';
import { S3UploadMessages } from '../../../src/adapters/s3/upload-messages.ts';
import { jsonUploadMessages } from '../../../src/adapters/json/upload-message.ts';
import type { Upload } from '../../../src/ports/vocabulary.ts';
import { present } from '../../contracts/world.ts';
import type { AwsEmulator } from '../../emulators/aws.ts';

/** A client of the emulator's S3. */
export function clientOf(emulator: AwsEmulator, maxAttempts = 1): S3Client {
  return new S3Client({ ...emulator.settings, maxAttempts, forcePathStyle: true });
}

export interface CreatedObject {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  readonly eTag?: string;
  readonly versionId?: string;
}

/** What S3 tells of an object that was created, as a message of the uploads queue (event version 2.1). */
export function notificationOf(...objects: readonly CreatedObject[]): string {
  const records = objects.map(({ bucket, key, ...object }) => ({
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'eu-central-1',
    eventTime: '2026-01-01T00:00:00.000Z',
    eventName: 'ObjectCreated:Post',
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'uploads',
      bucket: { name: bucket, ownerIdentity: { principalId: 'EXAMPLE' }, arn: `arn:aws:s3:::${bucket}` },
      object: { key: encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/'), sequencer: '0055AED6DCD90281E5', ...object },
    },
  }));
  return JSON.stringify({ Records: records });
}

/** The upload that an object of the emulator lands as. */
export function landedAs(emulator: AwsEmulator, bucket: string, key: string, versionId?: string): Upload {
  const { etag, contentLength } = emulator.s3.getObject(bucket, key);
  const object = { bucket, key, size: contentLength, eTag: etag.replaceAll('"', ''), ...(versionId !== undefined && { versionId }) };
  const decoded = new S3UploadMessages(jsonUploadMessages).decode(notificationOf(object));
  return present(decoded.ours && 'landed' in decoded.message ? decoded.message.landed[0] : undefined);
}
