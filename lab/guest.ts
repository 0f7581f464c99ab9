import { once } from 'node:events';
import { encodeCommand, encodeFrame, exitStatus, type Frame, frameDecoder } from './frames.ts';
import type { Qemu } from './qemu.ts';

/** Takes a command's output as it comes. */
export type Sink = (stream: 'stdout' | 'stderr', chunk: Buffer) => void;

/** A command that runs in the guest. */
export type GuestCommand = {
  /** Its exit status, 128+n when signalled; undefined when the guest ended first. */
  readonly status: Promise<number | undefined>;
  /** Signals the command and all of its session. */
  kill(signal: number): void;
};

/** The agent in a guest, seen from the host. */
export type Guest = {
  /** What the agent says once the guest is set up: "ok", or what went wrong; undefined when the guest ended first. */
  readonly hello: Promise<string | undefined>;
  /** Settles when QEMU has ended, with what it wrote to stderr. */
  readonly ended: Promise<string>;
  readonly isAlive: () => boolean;
  start(words: readonly string[], sink: Sink): GuestCommand;
  /** Ends the guest at once. Its disks are thrown away, and shared folders are written through. */
  kill(): Promise<void>;
};

type Job = { readonly sink: Sink; readonly settle: (status: number | undefined) => void };

/** Speaks with the agent over QEMU's stdin and stdout. */
export function connectGuest(qemu: Qemu): Guest {
  const jobs = new Map<number, Job>();
  const hello = promise<string | undefined>();
  const complaints: Buffer[] = [];
  let alive = true;
  let lastJob = 0;
  const onFrame = (frame: Frame): void => {
    const job = jobs.get(frame.job);
    if (frame.type === 'H') hello.settle(frame.payload.toString());
    if (frame.type === 'O') job?.sink('stdout', frame.payload);
    if (frame.type === 'E') job?.sink('stderr', frame.payload);
    if (frame.type === 'X') {
      job?.settle(exitStatus(frame.payload.readUInt32LE()));
      jobs.delete(frame.job);
    }
  };
  const ended = whenEnded(qemu).then((problem) => {
    alive = false;
    hello.settle(undefined);
    for (const job of jobs.values()) job.settle(undefined);
    return `${problem}${Buffer.concat(complaints)}`;
  });
  const decode = frameDecoder();
  qemu.stdout.on('data', (chunk: Buffer) => decode(chunk).forEach(onFrame));
  qemu.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  qemu.stdin.on('error', () => {}); // the guest has ended; `ended` tells

  return {
    hello: hello.promise,
    ended,
    isAlive: () => alive,
    start(words, sink) {
      const payload = encodeCommand(words);
      const id = ++lastJob;
      const status = promise<number | undefined>();
      jobs.set(id, { sink, settle: status.settle });
      if (alive) qemu.stdin.write(encodeFrame('R', id, payload));
      else status.settle(undefined);
      return {
        status: status.promise,
        kill: (signal) => void qemu.stdin.write(encodeFrame('K', id, Uint8Array.of(signal))),
      };
    },
    async kill() {
      qemu.kill('SIGKILL');
      await ended;
    },
  };
}

/** Waits for QEMU's end; tells of a start that failed. */
async function whenEnded(qemu: Qemu): Promise<string> {
  const failed = new Promise<string>((resolve) =>
    qemu.once('error', (error) => resolve(`${error.message}\n`)),
  );
  return Promise.race([failed, once(qemu, 'close').then(() => '')]);
}

function promise<T>(): { promise: Promise<T>; settle: (value: T) => void } {
  let settle: (value: T) => void = () => {};
  const made = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise: made, settle };
}
