import { PortError, type Instant } from './vocabulary.ts';

/**
 * One line for all who send through one account: everybody gets a stretch of time to send in, and no two stretches overlap, so that
 * together they keep the account's rate. Raises ScheduleUnavailable.
 */
export interface SendSchedule {
  /**
   * Reserves the next stretch that is free. Who asks again under the same name is told the same stretch until that is over; whoever has
   * missed it gets a new one, as in its time somebody else sends.
   * @param holder names whoever asks
   * @param lengthMs how long the stretch is, in milliseconds
   * @param now the time of whoever asks: no stretch begins before
   * @returns when it begins
   */
  reserve(holder: string, lengthMs: number, now: Instant): Promise<Instant>;
}

/** Where the line is kept does not answer, or is busy. */
export class ScheduleUnavailable extends PortError {
  readonly code = 'schedule-unavailable';
  readonly retryable = true;
}
