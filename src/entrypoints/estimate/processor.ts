/** How much of a processor a function has: as much as it can use, as in the counted run, or the share that Lambda gives it with its memory. */
export type Processor = 'whole' | 'share';

/** With so much memory a function has a whole processor, and with less its share (Lambda Developer Guide, "Configure Lambda function memory"). */
const wholeProcessorGb = 1_769 / 1_024;

/** The share of a processor that goes with so much memory. */
export function shareOf(memoryGb: number): number {
  return Math.min(1, memoryGb / wholeProcessorGb);
}
