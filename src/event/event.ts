/**
 * What every event has.
 *
 * Times are nanoseconds from the recording's origin, a whole number: since boot they
 * would pass 2^53 after 104 days of uptime. {@link Origin} turns them back.
 */
export interface EventHead {
  /** Ordinal in the recording, from 1: the event's name in evidence. */
  readonly n: number;
  /** ns since the recording's origin (CLOCK_BOOTTIME; may be negative). */
  readonly ns: number;
  readonly cpu: number;
  /** The kernel side's count of events on this CPU, from 1; 0 for events told by user space. */
  readonly seq: number;
  /** Thread group id, in the initial pid namespace. */
  readonly pid: number;
  readonly tid: number;
  /** Chosen by the program: escape it wherever it is shown. */
  readonly comm: string;
}

/** The moment that a recording's times count from: ns since boot. */
export class Origin {
  readonly boot: bigint;
  readonly #high: number;
  readonly #low: number;

  constructor(boot: bigint) {
    this.boot = boot;
    this.#high = Number(boot >> 32n);
    this.#low = Number(boot & 0xffff_ffffn);
  }

  /** ns since the origin, of ns since boot as two halves: exact below 2^53, however large both are. */
  relative(high: number, low: number): number {
    return (high - this.#high) * 0x1_0000_0000 + (low - this.#low);
  }

  /** ns since boot, of ns since the origin. */
  absolute(ns: number): bigint {
    return this.boot + BigInt(ns);
  }
}
