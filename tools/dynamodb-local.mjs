#!/usr/bin/env node
/**
 * Makes sure of DynamoDB Local, Amazon's own emulator, which the tests run on (it needs Java 17), and prints the folder that it lies in.
 * An npm package carries it: 54 MB are fetched, checked and unpacked into `.cache/` once; the package's many dependencies are not needed.
 */
import { fetched } from './fetched.mjs';

const folder = fetched({
  name: 'amplify-dynamodb-simulator',
  version: '2.9.30',
  sha512: 'xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==',
  part: 'emulator',
  as: 'dynamodb-local',
});
process.stdout.write(`${folder}\n`);
