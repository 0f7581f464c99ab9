/** A lag counts for so many times its own length: bpftrace needs that to get through the buffers of all CPUs, and back. */
const ROUNDS = 2;
/** ... and for so long at least, ns. */
const LEAST_NS = 1e9;

/** How far what is told lies behind what happens: the most of it, of late. */
export class Lag {
  /** The most of this stretch of time, and of the one before. */
  #this = 0;
  #before = 0;
  #until = Number.NEGATIVE_INFINITY;

  /** ns. */
  get most(): number {
    return Math.max(this.#this, this.#before);
  }

  /** Something was told at `now` that had happened `lag` before; 0 when only time goes on. Both in ns. */
  see(lag: number, now: number): void {
    if (now > this.#until) {
      this.#before = this.#this;
      this.#this = 0;
      this.#until = now + LEAST_NS + ROUNDS * this.#before;
    }
    if (lag <= this.#this) return;
    this.#this = lag;
    this.#until = Math.max(this.#until, now + ROUNDS * lag);
  }
}
