/** Calls that a kretprobe has not seen return by the end of a trace: still going on, or missed. */
import type { Origin } from '../event/event.ts';
import type { ReturnMissedEvent } from '../event/events.gen.ts';
import type { Inside } from '../plan/kretprobe.ts';
import { now } from './clock.ts';
import { run } from './run.ts';

/** Reading a stack takes a lock of the process that its exec holds: it can wait, but it can be killed. */
const TIMEOUT_MS = 3_000;

/** Whether a thread is in a function, as its kernel stack shows; one whose stack is not to be had is not known to be. */
async function isInside({ function: name, tid }: Inside): Promise<boolean> {
  const { stdout } = await run(['cat', `/proc/${tid}/stack`], {
    stdin: 'ignore',
    encoding: 'latin1',
    timeout: TIMEOUT_MS,
  });
  return stdout.replace(/\./g, '_').includes(` ${name}+`);
}

function event({ function: name, tid }: Inside, ns: number, ago: number): ReturnMissedEvent {
  const head = { n: 0, ns, cpu: 0, seq: 0, pid: tid, tid, comm: '' };
  return { ...head, what: 'return_missed', function: name, ago };
}

/**
 * The events of those calls that have returned: they were entered before `asked`, when the trace was asked to
 * end, and are not going on any more. What was entered later may have returned when nobody looked.
 */
export async function missedReturns(
  left: readonly Inside[],
  asked: bigint,
  origin: Origin,
): Promise<ReturnMissedEvent[]> {
  const before = left.filter(({ since }) => since < asked);
  const inside = await Promise.all(before.map(isInside));
  const { boot } = now();
  return before
    .filter((_, i) => inside[i] === false)
    .map((call) => event(call, Number(boot - origin.boot), Number(boot - call.since)));
}
