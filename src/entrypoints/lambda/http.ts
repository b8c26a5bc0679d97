import { randomBytes } from 'node:crypto';
import { version } from '../cli/version.ts';
import { httpFunctionWorld } from '../composition/aws/http.ts';
import { awsLimits } from '../composition/aws/limits.ts';
import { httpWorld } from '../composition/http.ts';
import { tokens } from '../composition/tokens.ts';
import { functionSettings, readAwsConfig } from '../config.ts';
import { httpApp } from '../http/app.ts';
import { assetsFrom } from '../http/assets.ts';
import { defaultLimits } from '../http/world.ts';
import { consoleFiles } from './console-files.ts';
import { gatewayHandler, toldBy } from './gateway-handler.ts';
import { telemetryOf } from './telemetry.ts';

/** Lambda takes 6 MB a request, in which bytes are base64: 5.6 MB of these. */
const bodyBytes = 4 * 1024 ** 2;

const telemetry = telemetryOf('http');
const world = httpFunctionWorld(readAwsConfig(functionSettings.http), telemetry);

const app = httpApp(
  { ...httpWorld(world), tickets: world.get(tokens.tickets) },
  {
    ...toldBy,
    version: version(),
    welcome: true,
    batches: awsLimits,
    // The gateway limits all senders together; no answer of Lambda is a stream here.
    limits: { ...defaultLimits, uploadBytes: bodyBytes, jsonBytes: bodyBytes, requestsPerSecond: 50, burst: 100, watchers: 0 },
    wholeAddressesOnly: true,
    troubles: async () => {
      await world.get(tokens.imports).list(1);
      return [];
    },
    secret: randomBytes(32).toString('hex'),
    assets: assetsFrom(Object.entries(consoleFiles).map(([name, text]) => [name, Buffer.from(text)])),
    stop: new AbortController().signal,
  },
);

/** http: the API and the console, behind a gateway whose authorizer checks tokens. */
export const handler = gatewayHandler(app, { clock: world.get(tokens.clock), telemetry });
