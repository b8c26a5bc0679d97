/** One object of S3, as an upload's location and identity name it. */
export interface S3Object {
  readonly bucket: string;
  readonly key: string;
  /** Of a bucket that keeps versions. */
  readonly version?: string;
  /** Where there are no versions: tells one content from another. Without quotes. */
  readonly etag?: string;
}

/** Where the store keeps what it takes in itself: nothing there has landed from outside. */
export const ownPrefix = '.rollcall/';

/** `s3://bucket/key?version=…` or `…?etag=…`, each part URL-encoded. */
export function locationOf({ bucket, key, version, etag }: S3Object): string {
  const what =
    version !== undefined ? `?version=${encodeURIComponent(version)}` : etag !== undefined ? `?etag=${encodeURIComponent(etag)}` : '';
  return `s3://${bucket}/${encodedKey(key)}${what}`;
}

/** The object that a location names; nothing where it is a place of another kind. */
export function objectAt(location: string): S3Object | undefined {
  const [, bucket, key, kind, value] = /^s3:\/\/([^/]+)\/([^?]+)(?:\?(version|etag)=(.+))?$/.exec(location) ?? [];
  if (bucket === undefined || key === undefined) return undefined;
  try {
    const object = { bucket, key: decodeURIComponent(key) };
    return kind === undefined || value === undefined ? object : { ...object, [kind]: decodeURIComponent(value) };
  } catch {
    return undefined; // Not encoded by us: no place of ours.
  }
}

/** A key as it stands in a URL or in `CopySource`: its slashes are slashes. */
export function encodedKey(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}

/** The name that a person gave the object: the last part of its key. */
export function nameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1) || key;
}

/** The parameters of a request for this very content. */
export function exactly({ bucket, key, version, etag }: S3Object): { Bucket: string; Key: string; VersionId?: string; IfMatch?: string } {
  return {
    Bucket: bucket,
    Key: key,
    ...(version !== undefined && { VersionId: version }),
    ...(etag !== undefined && { IfMatch: `"${etag}"` }),
  };
}
