import { expiryAttribute } from '../../../src/adapters/dynamodb/tables.ts';
import { block, blocks, many, resources, statements, type Plan, type Resource } from '../plan.ts';
import { rewrite, set, without, type Rule } from '../rule.ts';

/** Uploads, tables and whatever else keeps data. */
export const storageRules: readonly Rule[] = [
  {
    says: 'every store is encrypted with the customer-managed key',
    broken: (plan) =>
      resources(plan).flatMap((store) => {
        const key = keyOf(plan, store);
        return key === undefined || (typeof key === 'string' && key.startsWith('arn:aws:kms:'))
          ? []
          : [`${store.address} is not encrypted with the key.`];
      }),
    canary: set('module.table["welcomes"].aws_dynamodb_table.main', 'server_side_encryption.0.kms_key_arn'),
  },
  {
    says: 'every bucket encrypts what it gets, with one call of KMS for many objects',
    broken: (plan) =>
      perBucket(plan, 'aws_s3_bucket_server_side_encryption_configuration', (settings) => {
        const rule = block(settings.values, 'rule');
        return block(rule, 'apply_server_side_encryption_by_default')['sse_algorithm'] === 'aws:kms' && rule['bucket_key_enabled'] === true;
      }),
    canary: without('module.failures.aws_s3_bucket_server_side_encryption_configuration.main'),
  },
  {
    says: 'the key is rotated',
    broken: (plan) =>
      resources(plan, 'aws_kms_key').flatMap(({ address, values }) => (values['enable_key_rotation'] === true ? [] : [address])),
    canary: set('aws_kms_key.main', 'enable_key_rotation', false),
  },
  {
    says: 'no bucket is public',
    broken: (plan) =>
      perBucket(plan, 'aws_s3_bucket_public_access_block', ({ values }) =>
        ['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets'].every(
          (name) => values[name] === true,
        ),
      ),
    canary: set('module.uploads.aws_s3_bucket_public_access_block.main', 'block_public_policy', false),
  },
  {
    says: 'no bucket has access lists',
    broken: (plan) =>
      perBucket(
        plan,
        'aws_s3_bucket_ownership_controls',
        ({ values }) => block(values, 'rule')['object_ownership'] === 'BucketOwnerEnforced',
      ),
    canary: without('module.uploads.aws_s3_bucket_ownership_controls.main'),
  },
  {
    says: 'every bucket keeps versions',
    broken: (plan) =>
      perBucket(plan, 'aws_s3_bucket_versioning', ({ values }) => block(values, 'versioning_configuration')['status'] === 'Enabled'),
    canary: set('module.uploads.aws_s3_bucket_versioning.main', 'versioning_configuration.0.status', 'Suspended'),
  },
  {
    says: 'buckets answer over modern TLS only',
    broken: (plan) =>
      perBucket(plan, 'aws_s3_bucket_policy', ({ values }) => {
        const denials = statements(values['policy']).filter(({ Effect, Action }) => Effect === 'Deny' && Action === 's3:*');
        const conditions = denials.map(({ Condition }) => Condition ?? {});
        return (
          conditions.some((condition) => condition['Bool']?.['aws:SecureTransport'] === 'false') &&
          conditions.some((condition) => condition['NumericLessThan']?.['s3:TlsVersion'] === '1.2') &&
          denials.every(({ Resource }) => many(Resource).length === 2)
        );
      }),
    canary: rewrite('module.uploads.aws_s3_bucket_policy.main', (all) => all.filter(({ Sid }) => Sid !== 'OnlyOverTls')),
  },
  {
    says: 'buckets take objects under no other key, neither of KMS, nor of S3, nor of the sender',
    broken: (plan) =>
      perBucket(plan, 'aws_s3_bucket_policy', ({ values }) => {
        const denied = statements(values['policy'])
          .filter(({ Effect, Action, Resource }) => Effect === 'Deny' && Action === 's3:PutObject' && String(Resource).endsWith('/*'))
          .map(({ Condition = {} }) => Condition);
        const other = (header: string, only: (value: unknown) => boolean) =>
          denied.some(({ Null, StringNotEquals }) => Null?.[`s3:${header}`] === 'false' && only(StringNotEquals?.[`s3:${header}`]));
        return (
          other('x-amz-server-side-encryption-aws-kms-key-id', (key) => /^arn:aws:kms:/.test(String(key))) &&
          other('x-amz-server-side-encryption', (way) => way === 'aws:kms') &&
          other('x-amz-server-side-encryption-customer-algorithm', (none) => none === undefined)
        );
      }),
    canary: rewrite('module.failures.aws_s3_bucket_policy.main', (all) => all.filter(({ Sid }) => Sid !== 'OnlyThroughKms')),
  },
  {
    says: 'an upload goes a day after its import is completed, anything else after 30 days, broken-off multiparts after one',
    broken: (plan) =>
      resources(plan, 'aws_s3_bucket_lifecycle_configuration').flatMap(({ address, module, values }) => {
        const rules = blocks(values, 'rule').filter((rule) => rule['status'] === 'Enabled');
        const tagged = rules.find((rule) => blocks(block(rule, 'filter'), 'tag').length > 0) ?? {};
        const rest = rules.find((rule) => rule['id'] === 'everything') ?? {};
        const days = [
          block(rest, 'expiration')['days'],
          block(rest, 'noncurrent_version_expiration')['noncurrent_days'],
          block(rest, 'abort_incomplete_multipart_upload')['days_after_initiation'],
          ...(module === 'module.uploads'
            ? [block(tagged, 'expiration')['days'], block(tagged, 'noncurrent_version_expiration')['noncurrent_days']]
            : [1, 1]),
        ];
        return String(days) === '30,30,1,1,1' ? [] : [`${address}: ${days.join(', ')} days.`];
      }),
    canary: set('module.uploads.aws_s3_bucket_lifecycle_configuration.main', 'rule.1.expiration.0.days', 10),
  },
  {
    says: 'the tag that expires an upload is the one that process-csv sets',
    broken: (plan) => {
      const rules = blocks(plan['module.uploads.aws_s3_bucket_lifecycle_configuration.main'] ?? {}, 'rule');
      const tags = rules.flatMap((rule) => blocks(block(rule, 'filter'), 'tag'));
      return tags.some((tag) => tag['key'] === 'rollcall' && tag['value'] === 'done') ? [] : ['No rule looks at rollcall=done.'];
    },
    canary: set('module.uploads.aws_s3_bucket_lifecycle_configuration.main', 'rule.0.filter.0.tag.0.value', 'finished'),
  },
  {
    says: 'uploads are told to the uploads queue',
    broken: (plan) => {
      const told = block(plan['aws_s3_bucket_notification.uploads'] ?? {}, 'queue');
      return /:rollcall-\w+-uploads$/.test(String(told['queue_arn'])) && String(told['events']) === 's3:ObjectCreated:*'
        ? []
        : ['They are not.'];
    },
    canary: without('aws_s3_bucket_notification.uploads'),
  },
  {
    says: 'only the page of one origin may upload straight to the bucket',
    broken: (plan) =>
      resources(plan, 'aws_s3_bucket_cors_configuration').flatMap(({ address, values }) =>
        blocks(values, 'cors_rule').some((rule) =>
          many(rule['allowed_origins'] as string[]).some((origin) => !/^https:\/\/[^*]+$/.test(origin)),
        )
          ? [address]
          : [],
      ),
    canary: (plan) => {
      plan['aws_s3_bucket_cors_configuration.uploads[0]'] = { cors_rule: [{ allowed_origins: ['*'], allowed_methods: ['POST'] }] };
    },
  },
  {
    says: 'tables are billed by request, can be restored, and hold the keys that the code asks for',
    broken: (plan) =>
      resources(plan, 'aws_dynamodb_table').flatMap(({ address, values }) => {
        const restorable = block(values, 'point_in_time_recovery')['enabled'] === true;
        return restorable && values['billing_mode'] === 'PAY_PER_REQUEST' ? [] : [`${address} is not.`];
      }),
    canary: set('module.table["users"].aws_dynamodb_table.main', 'point_in_time_recovery.0.enabled', false),
  },
  {
    says: 'answers that were kept for requests go by themselves, and nothing else does',
    broken: (plan) =>
      resources(plan, 'aws_dynamodb_table').flatMap(({ address, values }) => {
        const { attribute_name: found, enabled } = block(values, 'ttl');
        const wanted = address.includes('"imports"') ? expiryAttribute : undefined;
        return (enabled === true ? found : undefined) === wanted ? [] : [`${address}: ${String(found)}.`];
      }),
    canary: set('module.table["imports"].aws_dynamodb_table.main', 'ttl.0.attribute_name', 'expiry'),
  },
  {
    says: 'tables and filled buckets are protected unless the stage is for trials',
    broken: (plan) => [
      ...resources(plan, 'aws_dynamodb_table').flatMap(({ address, values }) =>
        values['deletion_protection_enabled'] === true ? [] : [address],
      ),
      ...resources(plan, 'aws_s3_bucket').flatMap(({ address, values }) => (values['force_destroy'] === false ? [] : [address])),
    ],
    canary: set('module.table["users"].aws_dynamodb_table.main', 'deletion_protection_enabled', false),
  },
  {
    says: 'only the users have a stream, of new images',
    broken: (plan) =>
      resources(plan, 'aws_dynamodb_table').flatMap(({ address, values }) => {
        const wanted = address.includes('"users"') ? 'NEW_IMAGE' : undefined;
        const found = values['stream_enabled'] === true ? values['stream_view_type'] : undefined;
        return found === wanted ? [] : [`${address}: ${String(found)}.`];
      }),
    canary: set('module.table["users"].aws_dynamodb_table.main', 'stream_view_type', 'KEYS_ONLY'),
  },
];

/** The key that encrypts the resource; `none` where there is none, undefined where the resource keeps nothing by itself. */
function keyOf(plan: Plan, { type, values }: Resource): unknown {
  switch (type) {
    case 'aws_sqs_queue':
    case 'aws_sns_topic':
      return values['kms_master_key_id'] ?? 'none';
    case 'aws_cloudwatch_log_group':
      return values['kms_key_id'] ?? 'none';
    case 'aws_dynamodb_table':
      return block(values, 'server_side_encryption')['kms_key_arn'] ?? 'none';
    case 'aws_s3_bucket': {
      const settings = resources(plan, 'aws_s3_bucket_server_side_encryption_configuration');
      const own = settings.find((each) => each.values['bucket'] === values['bucket']);
      return block(block(own?.values ?? {}, 'rule'), 'apply_server_side_encryption_by_default')['kms_master_key_id'] ?? 'none';
    }
    default:
      return undefined;
  }
}

/** The buckets for which there is no setting of the type that is as it should be. */
function perBucket(plan: Plan, type: string, right: (setting: Resource) => boolean): readonly string[] {
  const settings = resources(plan, type);
  return resources(plan, 'aws_s3_bucket')
    .filter(({ values }) => !settings.some((setting) => setting.values['bucket'] === values['bucket'] && right(setting)))
    .map(({ address }) => `${address} has no ${type} as it should be.`);
}
