import type { FailurePorts } from '../../domain/dead-letters.ts';
import type { WelcomeSender } from '../../domain/onboarding/send-welcomes.ts';
import type { Delivery } from '../../ports/message-source.ts';
import type { StopSignal, WelcomeMessage } from '../../ports/vocabulary.ts';
import { verdictOnError, verdictOnUnreadable, type Stage, type Verdict } from './stage.ts';

export interface SendEmailStagePorts extends Omit<FailurePorts, 'imports'> {
  readonly sender: WelcomeSender;
}

/** send-email: recipients get their welcome. The sender itself sees to each recipient's retries and dead letters. */
export function sendEmailStage(ports: SendEmailStagePorts): Stage<WelcomeMessage> {
  return {
    name: 'send-email',
    handle: (deliveries, stop) => Promise.all(deliveries.map((delivery) => handleOne(ports, delivery, stop))),
  };
}

async function handleOne(ports: SendEmailStagePorts, delivery: Delivery<WelcomeMessage>, stop: StopSignal): Promise<Verdict> {
  const { content } = delivery;
  if (!content.ours) return verdictOnUnreadable(ports, 'welcomes', delivery, content.text, content.why);
  try {
    const { paused, turnInMs } = await ports.sender.send(delivery.id, content.message, stop);
    if (turnInMs !== undefined) return { verdict: 'release', delayMs: turnInMs };
    return { verdict: 'acknowledge', ...(paused && { trouble: paused }) };
  } catch (error) {
    return verdictOnError(delivery, ports.random, error);
  }
}
