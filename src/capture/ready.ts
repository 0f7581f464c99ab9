import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { READY_FILE, READY_TAG } from '../plan/program.ts';

const LOOK_EVERY_MS = 20;
const RETRY_MS = 100;
/** Answers in a row that came at once: bpftrace is not behind with any CPU's events. */
const PROMPT_ANSWERS = 3;
const PROMPT_MS = 200;
const READY_LINE = new RegExp(`^${READY_TAG} (?:[0-9a-f]+ ){7}([0-9a-f]+)$`, 'gm');

/** In one call: what is done so often takes time from bpftrace, which is still attaching. */
const triggerProbes = (): unknown => readFileSync(READY_FILE, 'utf8');

/**
 * What the readiness probes prove: that a program is attached, and that bpftrace has
 * told all that happened before now. They are triggered here and seen in its output.
 */
export class Readiness {
  readonly #missing: Set<number>;
  #seen = 0;

  constructor(probes: readonly number[]) {
    this.#missing = new Set(probes);
  }

  get proven(): boolean {
    return this.#missing.size === 0;
  }

  /** Looks for readiness probes in lines of the program. */
  see(block: Buffer): void {
    if (!block.includes(READY_TAG)) return;
    for (const [, probe = ''] of block.toString('latin1').matchAll(READY_LINE)) {
      this.#missing.delete(Number.parseInt(probe, 16));
      this.#seen++;
    }
  }

  /**
   * Triggers the probes until all have been seen.
   * @param given ends the wait: bpftrace has died, or the user wants to leave
   * @returns whether readiness was proven
   */
  async prove(given: AbortSignal): Promise<boolean> {
    while (!this.proven && !given.aborted) {
      triggerProbes();
      await sleep(RETRY_MS);
    }
    return this.proven;
  }

  /**
   * Waits until bpftrace is no longer behind: several probes in a row are answered at once.
   * Each answer may come from another CPU's buffer, and bpftrace visits all of them in turn.
   */
  async caughtUp(given: AbortSignal): Promise<boolean> {
    for (let prompt = 0; prompt < PROMPT_ANSWERS && !given.aborted; ) {
      const before = this.#seen;
      const asked = performance.now();
      triggerProbes();
      while (this.#seen === before && !given.aborted) await sleep(LOOK_EVERY_MS);
      prompt = performance.now() - asked < PROMPT_MS ? prompt + 1 : 0;
    }
    return !given.aborted;
  }
}
