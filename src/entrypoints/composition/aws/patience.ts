/**
 * How long clients of the SDK wait for an answer, and how often they ask: by default they wait for ever. In milliseconds. A long poll of
 * SQS takes 20 seconds. Endpoints, regions and credentials come by the SDK's own variables.
 */
export const patience = {
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  maxAttempts: 5,
} as const;
