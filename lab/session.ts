import { readFile } from 'node:fs/promises';
import type { Guest, GuestCommand, Sink } from './guest.ts';
import { LabError } from './host.ts';
import { findOops } from './oops.ts';

/** How to run one command in a guest. */
export type CommandOptions = {
  /** After so many seconds the command is killed, and the guest too if it does not answer: status 124. */
  readonly timeoutSeconds?: number | undefined;
  /** Gather the output in the result (the default), or let it through to our own stdout and stderr. */
  readonly output?: 'capture' | 'inherit' | undefined;
  /** Sees each piece of output as it comes. */
  readonly onOutput?: Sink | undefined;
};

export type CommandResult = {
  /** The command's exit status, 128+n when signalled, 124 after the timeout, 125 when the guest ended. */
  readonly status: number;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** How long the command took. */
  readonly seconds: number;
};

/** A command that runs in the guest. */
export type LabCommand = {
  readonly result: Promise<CommandResult>;
  /** Signals the command and all of its session; 2 is SIGINT. */
  kill(signal: number): void;
};

/** A guest that failed while it ran a command. */
export class GuestFailure extends LabError {
  override name = 'GuestFailure';
  /** The lines of the kernel log that tell of it; empty when the kernel said nothing. */
  readonly oops: readonly string[];
  readonly consoleLog: string;

  constructor(message: string, oops: readonly string[], consoleLog: string) {
    super([message, ...oops, `kernel log: ${consoleLog}`].join('\n'));
    this.oops = oops;
    this.consoleLog = consoleLog;
  }
}

const TIMED_OUT = 124;
export const GUEST_ENDED = 125;

const DEFAULT_TIMEOUT_SECONDS = 600;
const GRACE_MS = 10_000;
const SIGKILL = 9;

type Context = { readonly guest: Guest; readonly consoleLog: string; readonly allowOops: boolean | RegExp };

/** Starts a command in a guest that is up. */
export function startCommand(
  context: Context,
  words: readonly string[],
  options: CommandOptions,
): LabCommand {
  const pieces: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  const sink: Sink = (stream, chunk) => {
    options.onOutput?.(stream, chunk);
    if (options.output === 'inherit') process[stream].write(chunk);
    else pieces[stream].push(chunk);
  };
  const started = performance.now();
  const command = context.guest.start(words, sink);
  const finish = async (): Promise<CommandResult> => {
    const outcome = await limitedStatus(
      context.guest,
      command,
      options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
    );
    const seconds = (performance.now() - started) / 1000;
    const timedOut = outcome === 'late';
    const status = timedOut ? TIMED_OUT : outcome;
    await throwIfFailed(context, status);
    const text = (stream: 'stdout' | 'stderr'): string => Buffer.concat(pieces[stream]).toString();
    return { status, timedOut, stdout: text('stdout'), stderr: text('stderr'), seconds };
  };
  return { result: finish(), kill: (signal) => command.kill(signal) };
}

/** The command's status, enforcing the time limit: first on the command, then on the guest that does not answer. */
async function limitedStatus(guest: Guest, command: GuestCommand, seconds: number): Promise<number | 'late'> {
  const first = await within(seconds * 1000, command.status);
  if (first !== 'late') return first ?? GUEST_ENDED;
  command.kill(SIGKILL);
  if ((await within(GRACE_MS, command.status)) === 'late') await guest.kill();
  return 'late';
}

async function within<T>(limitMs: number, promise: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function throwIfFailed(context: Context, status: number): Promise<void> {
  if (context.allowOops === true) return;
  const oops = findOops(await readFile(context.consoleLog, 'latin1'), context.allowOops || undefined);
  if (oops.length > 0) throw new GuestFailure("the guest's kernel failed:", oops, context.consoleLog);
  if (status !== GUEST_ENDED || context.guest.isAlive()) return;
  throw new GuestFailure(
    `the guest ended before the command did\n${await context.guest.ended}`,
    [],
    context.consoleLog,
  );
}
