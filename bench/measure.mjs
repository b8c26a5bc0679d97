// Runs whole commands and tells what they took: wall time, the processor's time, and the most memory the kernel ever saw the process hold.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** How often the kernel is asked, in milliseconds: what it tells only grows, so the last reading is the most. */
const lookMs = 5;

/** The kernel counts a process's time in hundredths of a second: USER_HZ of proc_pid_stat(5), the same on all of Linux's architectures today. */
const ticksPerSecond = 100;

/**
 * Runs a command to its end.
 * @returns {Promise<{ seconds: number, cpuSeconds: number, megabytes: number, stdout: string, stderr: string }>}
 */
export async function run(command, args, options = {}) {
  const began = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let used = { megabytes: 0, cpuSeconds: 0 };
  const look = setInterval(() => (used = usage(child.pid) ?? used), lookMs);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  clearInterval(look);
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stderr}`);
  return { seconds, ...used, stdout, stderr };
}

/**
 * What a process has used since its start: VmHWM of proc_pid_status(5), and utime and stime of proc_pid_stat(5).
 * @returns {{ megabytes: number, cpuSeconds: number } | undefined} nothing where the process is gone
 */
export function usage(pid) {
  try {
    const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    // One that has ended and is not yet waited for has no memory any more.
    if (kilobytes === undefined) return undefined;
    // The name of the program stands in brackets, and may hold anything.
    const [, stat] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const [utime, stime] = stat.split(' ').slice(11, 13).map(Number);
    return { megabytes: Math.round(Number(kilobytes) / 1024), cpuSeconds: (utime + stime) / ticksPerSecond };
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined;
    throw error;
  }
}

/** The middle value; of an even number of them the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const rounded = (value) => Number(value.toFixed(3));
