/** What a bpftrace says of itself: up to 0.23 on standard output, among what its program prints, later on standard error. */

/** Its buffers were full; or a map was, so that what a call was entered with was not kept, and its return not told. */
export type Loss = 'buffers' | 'map';

/** Is told of so many events that were lost. */
export type Lost = (count: number, why: Loss) => void;

const LOST = /^Lost (\d+) events$/;
const WARNING = /^stdin:[\d:-]+: WARNING: (.*)$/;
/** What may follow a warning: words of advice, and the place in the program, which is indented. */
const AFTER_WARNING = /^(?:$|Additional Info - | )/;
/** It warns of that by itself from 0.23 on; up to 0.19 the words were the first. */
const FULL = /^(?:Failed to map_update_elem|Map full)/;
/** One of these is in all that it says of itself: to see it at a glance. */
const MARKS = ['Lost ', 'stdin:'];

/** Tells the words of one of its streams from what its program prints, and takes notice of losses. */
export class OwnWords {
  readonly #lost: Lost;
  /** The last line was of a warning, which may go on. */
  #warns = false;

  constructor(lost: Lost) {
    this.#lost = lost;
  }

  /** What is left of a block of whole lines. */
  without(block: Buffer): Buffer {
    if (!this.#warns && !MARKS.some((mark) => block.includes(mark))) return block;
    const sums = { buffers: 0, map: 0 };
    const lines = block.toString('latin1').match(/.*\n/g) ?? [];
    const rest = lines.filter((line) => !this.#hear(line.slice(0, -1), sums));
    if (sums.buffers > 0) this.#lost(sums.buffers, 'buffers');
    if (sums.map > 0) this.#lost(sums.map, 'map');
    return Buffer.from(rest.join(''), 'latin1');
  }

  /** Takes notice of a line if it is its own. @returns whether it is */
  #hear(line: string, sums: Record<Loss, number>): boolean {
    const [, lost] = LOST.exec(line) ?? [];
    const [, warning] = WARNING.exec(line) ?? [];
    if (lost !== undefined) sums.buffers += Number(lost);
    if (warning !== undefined && FULL.test(warning)) sums.map += 1;
    this.#warns = warning !== undefined || (this.#warns && AFTER_WARNING.test(line));
    return lost !== undefined || this.#warns;
  }
}
