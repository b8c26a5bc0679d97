import { sendEmailWorld } from '../composition/aws/send-email.ts';
import { tokens } from '../composition/tokens.ts';
import { functionSettings, readAwsConfig } from '../config.ts';
import { queueHandler } from './queue-handler.ts';
import { telemetryOf } from './telemetry.ts';

const telemetry = telemetryOf('send-email');
const world = sendEmailWorld(readAwsConfig(functionSettings['send-email']), telemetry);
const stage = world.get(tokens.sendEmail);

/** After the last send that may begin there is time for its end, for its confirmation, and for whoever is left to be sent on. In milliseconds. */
const stopsBefore = world.get(tokens.mailer).sendTimeoutMs + 10_000;

/** send-email: every recipient gets one welcome. */
export const handler = queueHandler(
  { clock: world.get(tokens.clock), telemetry, codec: world.get(tokens.welcomeCodec), releases: world.get(tokens.releases) },
  () => stage,
  stopsBefore,
);
