/** Why a trace ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '../exit.ts';
import type { Context } from './context.ts';

/** A timer takes no more (a signed 32-bit number of ms). */
const LONGEST_MS = 2 ** 31 - 1;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The first thing that ends a trace: a signal, a closed standard output, the end of its time or of its command. */
export class Ends {
  readonly #controller = new AbortController();
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (this.signal.aborted) process.exit(EXIT.interrupted);
    this.#caught = signal;
    this.end();
  };
  #caught: NodeJS.Signals | null = null;

  /** A second signal leaves at once. */
  constructor(context: Context) {
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    context.stdout.on('error', () => this.end());
  }

  /** Aborted when the trace is to end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The signal that ended it; null when it was something else. */
  get caught(): NodeJS.Signals | null {
    return this.#caught;
  }

  end(): void {
    this.#controller.abort();
  }

  /** Ends it after so many ns; undefined: not by time. */
  after(ns: number | undefined): void {
    if (ns === undefined) return;
    void this.#wait(ns / 1e6).then(
      () => this.end(),
      () => {},
    );
  }

  /** @throws AbortError when the trace ends before */
  async #wait(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= LONGEST_MS)
      await sleep(Math.min(left, LONGEST_MS), undefined, { signal: this.signal });
  }

  /** Resolves when the trace is to end. */
  get reached(): Promise<void> {
    return new Promise((resolve) => {
      if (this.signal.aborted) resolve();
      else this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Gives the signals back. */
  dispose(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}
