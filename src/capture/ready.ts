import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { READY_FILE, READY_TAG } from '../plan/program.ts';

const RETRY_MS = 50;
const READY_LINE = new RegExp(`^${READY_TAG} (?:[0-9a-f]+ ){7}([0-9a-f]+)$`, 'gm');

/** Waits for the proof that a program is attached: its readiness probes, triggered and seen. */
export class Readiness {
  readonly #missing: Set<number>;

  constructor(probes: readonly number[]) {
    this.#missing = new Set(probes);
  }

  get proven(): boolean {
    return this.#missing.size === 0;
  }

  /** Looks for readiness probes in lines of the program. */
  see(block: Buffer): void {
    if (this.proven) return;
    for (const [, probe = ''] of block.toString('latin1').matchAll(READY_LINE)) {
      this.#missing.delete(Number.parseInt(probe, 16));
    }
  }

  /**
   * Triggers the probes until all have been seen.
   * @param given ends the wait: bpftrace has died, or the user wants to leave
   * @returns whether readiness was proven
   */
  async prove(given: AbortSignal): Promise<boolean> {
    while (!this.proven && !given.aborted) {
      await readFile(READY_FILE);
      await sleep(RETRY_MS);
    }
    return this.proven;
  }
}
