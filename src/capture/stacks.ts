/** Kernel stacks of threads, as /proc has them. */
import { readdirSync } from 'node:fs';
import type { StackEvent } from '../event/events.gen.ts';
import { run } from './run.ts';

/** Threads whose stacks are read at most, and of a process. */
const MOST_THREADS = 256;
const MOST_OF_PROCESS = 64;
/** Reading a stack takes a lock of the process that its exec holds: it can wait, but it can be killed. */
const TIMEOUT_MS = 3_000;

/** A thread to look at. */
export interface Thread {
  readonly pid: number;
  readonly tid: number;
}

/** The function on a line of /proc/PID/stack, `[<0>] down_read+0x48/0xa0 [module]`; no address is kept. */
const FRAME = /^\[<[0-9a-f]+>\] ([\w.]+)\+0x/;
const LINE = /^\/proc\/(\d+)\/task\/(\d+)\/(comm|stack):(.*)$/;

/**
 * The functions of lines of /proc/PID/stack, the innermost first, without addresses. A traced one is there twice, with a trampoline
 * of the tracer in between.
 */
export function framesIn(lines: readonly string[]): string[] {
  const frames: string[] = [];
  for (const line of lines) {
    const [, frame] = FRAME.exec(line) ?? [];
    const isOwn = frame === undefined || frame.startsWith('bpf_trampoline_') || frame === frames.at(-1);
    if (!isOwn) frames.push(frame);
  }
  return frames;
}

/** The threads of a process; none when it is gone. */
function threadsOf(pid: number): Thread[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .slice(0, MOST_OF_PROCESS)
      .map((tid) => ({ pid, tid: Number(tid) }));
  } catch {
    return [];
  }
}

/** grep's lines, `PATH:TEXT`, as comm and frames of each thread. A comm may hold newlines. */
export function parseStacks(printed: string): { pid: number; tid: number; comm: string; frames: string[] }[] {
  const threads = new Map<string, { pid: number; tid: number; comm: string; stack: string[] }>();
  for (const line of printed.split('\n')) {
    const [, pid = '', tid = '', file, said = ''] = LINE.exec(line) ?? [];
    if (file === undefined) continue;
    const thread = threads.get(tid) ?? { pid: Number(pid), tid: Number(tid), comm: '', stack: [] };
    threads.set(tid, thread);
    if (file === 'comm') thread.comm += thread.comm === '' ? said : `\n${said}`;
    else thread.stack.push(said);
  }
  return Array.from(threads.values(), ({ stack, ...thread }) => ({ ...thread, frames: framesIn(stack) }));
}

/**
 * The stacks of some threads and of all threads of some processes, as events, the outermost frame first.
 * @param ns tells the time, since the recording's origin
 */
export async function readStacks(
  given: readonly Thread[],
  pids: readonly number[],
  ns: () => number,
): Promise<StackEvent[]> {
  const known = new Set(given.map(({ tid }) => tid));
  const holders = pids.slice(0, MOST_THREADS); // each has a thread at least
  const threads = [...given, ...holders.flatMap(threadsOf).filter(({ tid }) => !known.has(tid))];
  if (threads.length === 0) return [];
  const files = threads
    .slice(0, MOST_THREADS)
    .flatMap(({ pid, tid }) => [`/proc/${pid}/task/${tid}/comm`, `/proc/${pid}/task/${tid}/stack`]);
  const { stdout } = await run(['grep', '-asH', '', ...files], {
    stdin: 'ignore',
    timeout: TIMEOUT_MS,
  });
  const head = { n: 0, ns: ns(), cpu: 0, seq: 0 };
  return parseStacks(stdout).flatMap(({ frames, comm, ...ids }) =>
    frames
      .map((name, depth): StackEvent => ({ ...head, what: 'stack', ...ids, comm, depth, function: name }))
      .reverse(),
  );
}
