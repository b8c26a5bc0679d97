import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { keepingFact } from './failure.ts';
import { locationOf, type S3Object } from './object.ts';

/**
 * Puts an object part by part: `first`, and then the rest as it comes. Where that fails, or the rest breaks off, nothing is put and the
 * parts are thrown away; those of a process that dies are for the bucket's lifecycle (AbortIncompleteMultipartUpload).
 */
export async function putInParts(
  client: S3Client,
  object: S3Object,
  first: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): Promise<void> {
  const keeping = async <T>(sent: Promise<T>): Promise<T> =>
    sent.catch((error: unknown) => {
      throw keepingFact(error, locationOf(object), 's3:PutObject');
    });
  const target = { Bucket: object.bucket, Key: object.key };
  const { UploadId } = await keeping(client.send(new CreateMultipartUploadCommand(target)));
  const parts: { PartNumber: number; ETag: string | undefined; ChecksumCRC32?: string | undefined }[] = [];
  const put = async (part: Uint8Array): Promise<void> => {
    const PartNumber = parts.length + 1;
    const { ETag, ChecksumCRC32 } = await keeping(client.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body: part })));
    parts.push({ PartNumber, ETag, ...(ChecksumCRC32 !== undefined && { ChecksumCRC32 }) });
  };
  try {
    for (const part of first) await put(part);
    for await (const part of rest) await put(part);
    await keeping(client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: parts } })));
  } catch (error) {
    // The first error is the one that counts; parts that stay are removed by the bucket's lifecycle.
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => undefined);
    throw error;
  }
}
