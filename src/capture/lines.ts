/** What bpftrace prints, as lines. */
import { READY_TAG } from '../plan/program.ts';

/** Event lines, but those of the readiness probes. */
const EVENT_LINES = new RegExp(`^(?!${READY_TAG} )[A-Z]{1,2}(?: [0-9a-f]+)+\\n`, 'gm');

/** The event lines in what was printed, newlines included, without those of the readiness probes. */
export const eventLines = (printed: string): string => (printed.match(EVENT_LINES) ?? []).join('');

/** Cuts a stream of chunks into blocks that end at a line's end. */
export class LineBlocks {
  #rest: Buffer = Buffer.alloc(0);

  /** The whole lines that are there with this chunk, as one block; undefined when none has ended. */
  push(chunk: Buffer): Buffer | undefined {
    const end = chunk.lastIndexOf(0x0a) + 1;
    if (end === 0) {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      return undefined;
    }
    const block = Buffer.concat([this.#rest, chunk.subarray(0, end)]);
    this.#rest = chunk.subarray(end);
    return block;
  }

  /** What is left at the end of the stream, without a newline. */
  get rest(): Buffer {
    return this.#rest;
  }
}
