// Runs whole commands and tells what they took: wall time, and the most memory the kernel ever saw the process hold.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** How often the kernel's high-water mark is read, in milliseconds: it only grows, so the last reading is the most. */
const lookMs = 5;

/**
 * Runs a command to its end.
 * @returns {Promise<{ seconds: number, megabytes: number, stdout: string, stderr: string }>}
 */
export async function run(command, args, options = {}) {
  const began = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let kilobytes = 0;
  const look = setInterval(() => (kilobytes = Math.max(kilobytes, highWater(child.pid))), lookMs);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  clearInterval(look);
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stderr}`);
  return { seconds, megabytes: Math.round(kilobytes / 1024), stdout, stderr };
}

/** The middle value; of an even number of them the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const rounded = (value) => Number(value.toFixed(3));

/** VmHWM of proc_pid_status(5), in kB; 0 where the process is gone. */
function highWater(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return 0;
    throw error;
  }
}
