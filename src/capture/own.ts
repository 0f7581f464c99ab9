/** Events that umaptrace itself tells, not the kernel side. */
import { encodeEvent } from '../event/codec.ts';
import type { EventHead, Origin } from '../event/event.ts';
import type { UmapEvent } from '../event/events.gen.ts';

/** The head of an event that is about no other process. @param ns since the recording's origin */
export const ownHead = (ns: number): EventHead => {
  const { pid } = process;
  return { n: 0, ns, cpu: 0, seq: 0, pid, tid: pid, comm: 'umaptrace' };
};

/** The lines of events, newlines included. */
export const linesOf = (events: readonly UmapEvent[], origin: Origin): Buffer =>
  Buffer.from(events.map((event) => `${encodeEvent(event, origin)}\n`).join(''));
