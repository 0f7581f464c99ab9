import type { Context } from './context.ts';

const FIRST_MS = 1000;
const EVERY_MS = 250;

/** Says on a terminal how far long work is; says nothing elsewhere, and nothing of short work. */
export class Progress {
  readonly #context: Context;
  readonly #shown: boolean;
  readonly #began = performance.now();
  #last = 0;

  /** @param quiet something else is written to the same terminal */
  constructor(context: Context, quiet: boolean) {
    this.#context = context;
    this.#shown = !quiet && context.stderr.isTTY === true;
  }

  /** So many events have been read. */
  readonly tell = (events: number): void => {
    const now = performance.now();
    if (!this.#shown || now - this.#began < FIRST_MS || now - this.#last < EVERY_MS) return;
    this.#last = now;
    this.#context.stderr.write(`\r${events.toLocaleString('en-US')} events\x1b[K`);
  };

  /** Removes what was said. */
  end(): void {
    if (this.#last > 0) this.#context.stderr.write('\r\x1b[K');
  }
}
