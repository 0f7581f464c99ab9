import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { READY_FILE, READY_TAG } from '../plan/program.ts';
import { now } from './clock.ts';

const LOOK_EVERY_MS = 20;
/** All trampolines of a trace were attached within 100 ms (6.12, emulated). */
const RETRY_MS = 40;
/** As long as bpftrace has told nothing it is still compiling, with nothing attached: each question takes time from it. */
const SILENT_MS = 1000;
/** Answers in a row that came at once: bpftrace is not behind with any CPU's events. */
const PROMPT_ANSWERS = 3;
const PROMPT_MS = 200;
/** An answer that has not come by then may have found no room in the kernel's buffer. */
const ASK_EVERY_MS = 1000;
/** Where the machine was suspended, {@link now} is known to hundredths of a second. */
const CLOCK_NS = 50_000_000n;
const READY_LINE = new RegExp(
  `^${READY_TAG} (?:[0-9a-f]+ ){2}([0-9a-f]+) (?:[0-9a-f]+ ){4}([0-9a-f]+)$`,
  'gm',
);

/** In one call: what is done so often takes time from bpftrace, which is still attaching. */
const triggerProbes = (): unknown => readFileSync(READY_FILE, 'utf8');

/**
 * What the readiness probes prove: that a program is attached, and that bpftrace has
 * told all that happened before now. They are triggered here and seen in its output.
 */
export class Readiness {
  readonly #missing: Set<number>;
  /** When the last of those that have been seen were triggered, ns since boot. */
  #told = 0n;

  readonly #trigger: () => unknown;

  /** @param trigger runs what the probes are attached to */
  constructor(probes: readonly number[], trigger = triggerProbes) {
    this.#missing = new Set(probes);
    this.#trigger = trigger;
  }

  get proven(): boolean {
    return this.#missing.size === 0;
  }

  /** Looks for readiness probes in lines of the program. */
  see(block: Buffer): void {
    if (!block.includes(READY_TAG)) return;
    for (const [, ns = '', probe = ''] of block.toString('latin1').matchAll(READY_LINE)) {
      this.#missing.delete(Number.parseInt(probe, 16));
      this.#told = BigInt(`0x${ns}`);
    }
  }

  /**
   * Triggers the probes until all have been seen.
   * @param given ends the wait: bpftrace has died, or the user wants to leave
   * @param begun resolves when a program that says so begins to be attached
   * @returns whether readiness was proven
   */
  async prove(given: AbortSignal, begun: Promise<unknown> = Promise.resolve()): Promise<boolean> {
    let isSilent = true;
    const heard = begun.then(() => {
      isSilent = false;
    });
    await Promise.race([heard, sleep(0)]);
    while (!this.proven && !given.aborted) {
      this.#trigger();
      await (isSilent ? Promise.race([heard, sleep(SILENT_MS)]) : sleep(RETRY_MS));
    }
    return this.proven;
  }

  /**
   * Waits until bpftrace is no longer behind: several probes in a row are answered at once.
   * Each answer may come from another CPU's buffer, and bpftrace visits all of them in turn: what had happened when this
   * was called has been told with the last of as many answers, however late they came.
   * @param patienceMs then that is enough
   */
  async caughtUp(given: AbortSignal, patienceMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    const begun = performance.now();
    let prompt = 0;
    for (let answers = 0; prompt < PROMPT_ANSWERS && !given.aborted; answers++) {
      if (answers >= PROMPT_ANSWERS && performance.now() - begun > patienceMs) return false;
      prompt = (await this.#answered(given)) < PROMPT_MS ? prompt + 1 : 0;
    }
    return !given.aborted;
  }

  /** Triggers the probes until one has been seen that was triggered since, and after the one before. @returns after how many ms that was */
  async #answered(given: AbortSignal): Promise<number> {
    const since = now().boot - CLOCK_NS;
    const before = this.#told;
    const begun = performance.now();
    const isOld = (): boolean => this.#told < since || this.#told <= before;
    for (let again = begun; isOld() && !given.aborted; await sleep(LOOK_EVERY_MS)) {
      if (performance.now() < again) continue;
      this.#trigger();
      again += ASK_EVERY_MS;
    }
    return performance.now() - begun;
  }
}
