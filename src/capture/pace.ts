/** The longest wait, ms: what is shown live comes so much later. */
const LONGEST_MS = 16;
/** Shorter waits are none: a timer of Node's does not end earlier. */
const SHORTEST_MS = 1;
/**
 * A socket takes some 270 short lines (unix(7), SO_SNDBUF: each counts with its header), 27 KiB at least of events, before bpftrace has
 * to wait for its reader. More than this at a time is too near to that.
 */
const MUCH = 1 << 14;
/** So little at a time, and waking for it costs more than it need. */
const LITTLE = 1 << 12;

/**
 * How often bpftrace's lines are read. It writes each by itself, and waking for each would cost more than printing it did; but where it
 * prints faster than its socket is emptied, it has to wait, and the kernel's buffers fill up.
 */
export class Pace {
  #ms = LONGEST_MS;

  /** ms to wait before the next reading, after one that gave so many bytes; 0: none. */
  after(bytes: number): number {
    if (bytes > MUCH) this.#ms /= 2;
    else if (bytes < LITTLE) this.#ms = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, this.#ms * 2));
    return this.#ms < SHORTEST_MS ? 0 : this.#ms;
  }
}
