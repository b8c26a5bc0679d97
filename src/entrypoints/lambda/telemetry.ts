import { PowertoolsTelemetry } from '../../adapters/powertools/telemetry.ts';
import { readFunctionLog, type FunctionName } from '../config.ts';

/** Where a function's log lines and counts go, as the environment says. @throws ConfigInvalid */
export function telemetryOf(stage: FunctionName): PowertoolsTelemetry {
  return new PowertoolsTelemetry({ ...readFunctionLog(stage), stage });
}
