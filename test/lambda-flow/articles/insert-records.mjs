/** The articles' second function: puts the users of ten rows, one after the other. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';

const dynamo = new DynamoDBClient();

export async function handler({ Records }) {
  for (const { body } of Records) {
    const [name, email] = body.split(',');
    await dynamo.send(new PutItemCommand({ TableName: process.env.USERS_TABLE, Item: { key: { S: email }, name: { S: name } } }));
  }
}
