import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';

/** Bytes that may wait, some seconds of a storm. Beyond them the view, which is slower, sets the pace. */
const MOST_WAITING = 64 << 20;
/** A slice is what is shown between two looks at what else has come: about so long, ms. */
const SLICE_MS = 5;
const LEAST_SLICE = 1 << 10;
const MOST_SLICE = 1 << 16;
/** A block of so many bytes tells that bpftrace is behind; it is believed for a while, ms. */
const MUCH = 1 << 12;
const MUCH_FOR_MS = 50;
/** Then showing waits so many times as long as a slice took: a removal that stands still is told of in a storm as well. */
const PATIENCE = 4;

interface Waiting {
  readonly block: Buffer;
  /** When it came, ms, as `performance.now()` tells. */
  readonly since: number;
}

/**
 * What was recorded and is not shown yet: what the kernel tells goes to the file at once, and to the live view when that leaves
 * time, so that bpftrace does not wait for the view.
 */
export class Backlog {
  readonly #show: (bytes: Buffer) => void;
  readonly #mostWaiting: number;
  #coming: Waiting[] = [];
  #going: Waiting[] = [];
  /** Blocks of `going` that have been shown, and bytes of the one after them. */
  #blocks = 0;
  #bytes = 0;
  #waiting = 0;
  /** Until then bpftrace goes first, ms. */
  #busyUntil = 0;
  #slice = LEAST_SLICE;
  #running = false;
  #error: unknown = null;

  /** @param show is given bytes of the recording in order, cut anywhere */
  constructor(show: (bytes: Buffer) => void, mostWaiting = MOST_WAITING) {
    this.#show = show;
    this.#mostWaiting = mostWaiting;
  }

  /** For how long the oldest has waited, ms; 0 when everything is shown. */
  get age(): number {
    const oldest = this.#going[this.#blocks] ?? this.#coming[0];
    return oldest === undefined ? 0 : performance.now() - oldest.since;
  }

  /**
   * Takes the next block, and resolves once there is room for more.
   * @throws what showing an earlier one threw
   */
  async push(block: Buffer): Promise<void> {
    const since = performance.now();
    this.#coming.push({ block, since });
    this.#waiting += block.length;
    this.#busyUntil = block.length < MUCH ? 0 : since + MUCH_FOR_MS;
    if (!this.#running) void this.#run();
    await this.#until(this.#mostWaiting);
  }

  /** Resolves once everything is shown; throws what showing it threw. */
  async shown(): Promise<void> {
    await this.#until(0);
  }

  async #until(waiting: number): Promise<void> {
    while (this.#waiting > waiting && this.#error === null) await turn();
    if (this.#error !== null) throw this.#error;
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting > 0 && this.#error === null) {
      await turn();
      const began = performance.now();
      this.#showSlice();
      const took = performance.now() - began;
      if (took > SLICE_MS) this.#slice = Math.max(LEAST_SLICE, this.#slice >> 1);
      else if (took < SLICE_MS / 4) this.#slice = Math.min(MOST_SLICE, this.#slice << 1);
      if (began < this.#busyUntil && this.#waiting < this.#mostWaiting) await sleep(PATIENCE * took);
    }
    this.#running = false;
  }

  #showSlice(): void {
    try {
      for (let left = this.#slice; left > 0 && this.#waiting > 0; ) left -= this.#showBlock(left);
    } catch (error) {
      this.#error = error;
    }
  }

  /** Shows some bytes of the oldest block. @returns how many */
  #showBlock(most: number): number {
    const next = this.#going[this.#blocks];
    if (next === undefined) {
      [this.#going, this.#coming] = [this.#coming, []];
      this.#blocks = 0;
      return 0;
    }
    const bytes = next.block.subarray(this.#bytes, this.#bytes + most);
    this.#bytes += bytes.length;
    if (this.#bytes === next.block.length) {
      this.#blocks++;
      this.#bytes = 0;
    }
    this.#waiting -= bytes.length;
    this.#show(bytes);
    return bytes.length;
  }
}
