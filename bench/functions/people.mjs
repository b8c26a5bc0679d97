// Benchmark users, as they stand in the table, the stream and messages.

/** User number `n` (counted from 1) as an item of the table `users`. */
export function userItem(n) {
  const key = `user${String(n).padStart(9, '0')}@example.com`;
  return {
    key: { S: key },
    name: { S: `User Number ${n}` },
    importId: { S: 'f'.repeat(32) },
    row: { N: String(n) },
    version: { S: `001790000000000#${'f'.repeat(32)}#${String(n).padStart(10, '0')}` },
    welcome: { BOOL: true },
  };
}

/** An event of the table's stream: so many users were inserted, from number `first` on. */
export function streamEvent(first, count) {
  const Records = Array.from({ length: count }, (_, index) => ({
    eventID: String(first + index),
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'eu-central-1',
    dynamodb: {
      ApproximateCreationDateTime: 1_790_000_000,
      Keys: { key: userItem(first + index).key },
      NewImage: userItem(first + index),
      SequenceNumber: String(first + index).padStart(21, '1'),
      SizeBytes: 200,
      StreamViewType: 'NEW_IMAGE',
    },
    eventSourceARN: 'arn:aws:dynamodb:eu-central-1:000000000000:table/users/stream/2026-01-01T00:00:00.000',
  }));
  return { Records };
}

/** The body of a message that welcomes so many users, from number `first` on. */
export function welcomeBody(first, count) {
  const recipients = Array.from({ length: count }, (_, index) => {
    const { key, name } = userItem(first + index);
    return { userId: String(first + index).padStart(32, 'a'), address: key.S, name: name.S, importId: 'f'.repeat(32) };
  });
  return JSON.stringify({ v: 1, kind: 'welcome', recipients });
}
