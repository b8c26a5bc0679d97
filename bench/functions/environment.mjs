// What the functions are told by their environment, as infra/functions.tf has it: values of the right form for every one of them.

/** With all services at this address; for loading alone any will do. */
export function environmentAt(endpoint = 'https://aws.example.com') {
  const queues = ['UPLOADS', 'RECORDS', 'WELCOMES'].flatMap((name) => {
    const url = `${endpoint}/000000000000/${name.toLowerCase()}`;
    return [
      [`ROLLCALL_${name}_QUEUE_URL`, url],
      [`ROLLCALL_${name}_DEAD_LETTERS_URL`, `${url}-dead-letters`],
    ];
  });
  return {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret-of-the-benchmark',
    ...Object.fromEntries(['SQS', 'S3', 'DYNAMODB', 'SES'].map((name) => [`AWS_ENDPOINT_URL_${name}`, endpoint])),
    ...Object.fromEntries(queues),
    ...Object.fromEntries(['USERS', 'IMPORTS', 'WELCOMES'].map((name) => [`ROLLCALL_${name}_TABLE`, name.toLowerCase()])),
    ROLLCALL_UPLOADS_BUCKET: 'uploads',
    ROLLCALL_FROM: 'welcome@example.com',
    ROLLCALL_SES_CONFIGURATION_SET: 'bench',
    ROLLCALL_SEND_CONCURRENCY: '2',
    ROLLCALL_LEG_SECONDS: '120',
  };
}
