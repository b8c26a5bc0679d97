import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { AwsEmulator, Exchange } from './aws.ts';

/**
 * A stand-in for the notifications of a bucket: tells a queue of every object that is created (S3 User Guide, "Event message structure"),
 * and at first of nothing, to try whether it is heard.
 */
export class S3Notifications {
  /** How many messages tell of each object: S3 delivers at least once. */
  copies = 1;
  readonly #client: SQSClient;
  readonly #emulator: AwsEmulator;
  readonly #bucket: string;
  readonly #url: string;
  #sequencer = 0;

  private constructor(emulator: AwsEmulator, client: SQSClient, bucket: string, url: string) {
    this.#emulator = emulator;
    this.#client = client;
    this.#bucket = bucket;
    this.#url = url;
  }

  static async start(emulator: AwsEmulator, client: SQSClient, bucket: string, url: string): Promise<S3Notifications> {
    const notifications = new S3Notifications(emulator, client, bucket, url);
    await notifications.#tell({ Service: 'Amazon S3', Event: 's3:TestEvent', Time: new Date().toISOString(), Bucket: bucket });
    emulator.watch((exchange) => void notifications.#heard(exchange));
    emulator.extras.takenByForm = (of, key, version) => {
      if (of === bucket) void notifications.#created(key, version, 'Post');
    };
    return notifications;
  }

  async #heard({ what, status, answerHeaders }: Exchange): Promise<void> {
    const [, path = '', query = ''] = /^PUT \/([^?]+)\??(.*)$/.exec(what) ?? [];
    const [bucket = '', ...parts] = path.split('/');
    if (bucket !== this.#bucket || status !== 200 || /tagging|uploadId/.test(query)) return;
    await this.#created(parts.map(decodeURIComponent).join('/'), answerHeaders['x-amz-version-id'], 'Put');
  }

  async #created(key: string, version: unknown, how: 'Put' | 'Post'): Promise<void> {
    const bucket = this.#bucket;
    const { contentLength: size, etag } = this.#emulator.s3.headObject(bucket, key);
    this.#sequencer += 1;
    const object = {
      key: encodeURIComponent(key).replaceAll('%20', '+'),
      size,
      eTag: etag.replaceAll('"', ''),
      versionId: version,
      sequencer: this.#sequencer.toString(16).padStart(18, '0').toUpperCase(),
    };
    const record = {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'eu-central-1',
      eventTime: new Date().toISOString(),
      eventName: `ObjectCreated:${how}`,
      s3: { s3SchemaVersion: '1.0', configurationId: 'uploads', bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` }, object },
    };
    for (let copy = 0; copy < this.copies; copy += 1) await this.#tell({ Records: [record] });
  }

  async #tell(body: unknown): Promise<void> {
    await this.#client.send(new SendMessageCommand({ QueueUrl: this.#url, MessageBody: JSON.stringify(body) }));
  }
}
