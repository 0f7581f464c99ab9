import type { Mm } from '../timeline/model.ts';
import type { Line, Part } from './line.ts';
import { process } from './names.ts';

/** A fork tells its child's pid right after it gave it VMAs; beyond these a line is written without. */
const LONGEST_FORK_NS = 1e9;
const MOST_WAITING = 4096;

interface Waiting<L extends Line> {
  readonly line: L;
  /** The child whose pid the line waits for; null when it only waits for lines before it. */
  readonly child: Mm | null;
  /** Asked when the child is known, or given up. */
  readonly wanted: () => boolean;
}

const childName = (child: Mm, parent: string): string =>
  child.pid === null ? `child of ${parent}` : process(child.comm, child.pid);

const always = (): boolean => true;

/**
 * Lines in order, of which those about the child of a running fork wait for its pid. While
 * a child has no pid the current process is its parent, whose pid must not be shown as
 * the child's.
 */
export class LineQueue<L extends Line> {
  readonly #write: (line: L) => void;
  readonly #told: (child: Mm) => readonly Part[];
  #waiting: Waiting<L>[] = [];

  /** @param told what a line about a child says beyond its own parts */
  constructor(write: (line: L) => void, told: (child: Mm) => readonly Part[] = () => []) {
    this.#write = write;
    this.#told = told;
  }

  /** Writes a line now, or after those that wait. */
  put(line: L): void {
    if (this.#waiting.length === 0) this.#write(line);
    else this.#wait({ line, child: null, wanted: always });
  }

  /** Writes a line, if it is wanted then, once the pid of the mm that it is about is known. */
  putBirth(line: L, child: Mm, wanted: () => boolean): void {
    this.#wait({ line, child, wanted });
  }

  /** A fork has told its child's pid. Says whether lines had waited for it. */
  told(child: Mm): boolean {
    const waited = this.#waiting.some((each) => each.child === child);
    this.flush();
    return waited;
  }

  /** Writes what need not wait any longer; with `all`, everything. */
  flush(all = false): void {
    let done = 0;
    for (const waiting of this.#waiting) {
      if (!all && this.#mustWait(waiting)) break;
      this.#release(waiting);
      done++;
    }
    if (done > 0) this.#waiting = this.#waiting.slice(done);
  }

  #wait(waiting: Waiting<L>): void {
    this.#waiting.push(waiting);
    this.flush(this.#waiting.length > MOST_WAITING);
  }

  #mustWait({ line, child }: Waiting<L>): boolean {
    const newest = this.#waiting.at(-1)?.line.ns ?? line.ns;
    return child !== null && child.pid === null && newest - line.ns <= LONGEST_FORK_NS;
  }

  #release({ line, child, wanted }: Waiting<L>): void {
    if (!wanted()) return;
    if (child === null) this.#write(line);
    else
      this.#write({ ...line, who: childName(child, line.who), parts: [...line.parts, ...this.#told(child)] });
  }
}
