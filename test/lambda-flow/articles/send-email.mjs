/** The articles' third function: mails ten new users, one after the other. */
import { SendRawEmailCommand, SESClient } from '@aws-sdk/client-ses';

const ses = new SESClient();

export async function handler({ Records }) {
  for (const { dynamodb } of Records) {
    const to = dynamodb.NewImage.key.S;
    const text = `From: welcome@example.com\r\nTo: ${to}\r\nSubject: Welcome\r\n\r\nWelcome.\r\n`;
    const message = { Source: 'welcome@example.com', Destinations: [to], RawMessage: { Data: Buffer.from(text) } };
    await ses.send(new SendRawEmailCommand(message));
  }
}
