/** What bpftrace prints, as lines. */
import { READY_TAG } from '../plan/program.ts';

const NEWLINE = 0x0a;
const BLANK = 0x20;

/** Event lines, but those of the readiness probes. */
const EVENT_LINES = new RegExp(`^(?!${READY_TAG} )[A-Z]{1,2}(?: [0-9a-f]+)+\\n`, 'gm');

/** The event lines in what was printed, newlines included, without those of the readiness probes. */
export const eventLines = (printed: string): string => (printed.match(EVENT_LINES) ?? []).join('');

const isCapital = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x41 && byte <= 0x5a;

/** Whether an event line begins at `at`: one or two capitals and a blank; bpftrace's own warnings begin otherwise. */
const isEvent = (block: Buffer, at: number): boolean =>
  isCapital(block[at]) && (block[at + 1] === BLANK || (isCapital(block[at + 1]) && block[at + 2] === BLANK));

/** Event lines in a block of whole lines. */
export function countEvents(block: Buffer): number {
  let events = isEvent(block, 0) ? 1 : 0;
  for (let at = block.indexOf(NEWLINE); at >= 0; at = block.indexOf(NEWLINE, at + 1)) {
    if (isEvent(block, at + 1)) events++;
  }
  return events;
}

/** An event line, those of the readiness probes among them, with its time. */
const TIMED_LINE = /^[A-Z]{1,2} [0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) .*\n/gm;

/** The event lines of several blocks as one block, in order of their times. */
export function mergeByTime(blocks: readonly Buffer[]): Buffer {
  const lines = blocks.flatMap((block) =>
    Array.from(block.toString('latin1').matchAll(TIMED_LINE), ([line, ns = '0']) => ({
      line,
      time: Number.parseInt(ns, 16),
    })),
  );
  lines.sort((a, b) => a.time - b.time);
  return Buffer.from(lines.map(({ line }) => line).join(''), 'latin1');
}

/** Cuts a stream of chunks into blocks that end at a line's end; what has none at the end of the stream is dropped. */
export class LineBlocks {
  #rest: Buffer = Buffer.alloc(0);

  /** The whole lines that are there with this chunk, as one block; undefined when none has ended. */
  push(chunk: Buffer): Buffer | undefined {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      return undefined;
    }
    const whole = chunk.subarray(0, end);
    const block = this.#rest.length === 0 ? whole : Buffer.concat([this.#rest, whole]);
    this.#rest = chunk.subarray(end);
    return block;
  }
}
