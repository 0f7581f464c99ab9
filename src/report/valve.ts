/** Lines for a reader who may be slower than what happens: what he cannot take is counted, and the count shown to him. */

/** Takes a line of a timeline, as text that is only made when it is shown. `ns`: when it happened, since the start. */
export type LineSink = (ns: number, render: () => string) => void;

export interface ValveOptions {
  readonly sink: (text: string) => void;
  /** Whether the reader has taken enough of what he was given. */
  readonly hasRoom: () => boolean;
  /** Whether what happened at `ns` is so long ago that the whole view is behind. */
  readonly isLate: (ns: number) => boolean;
  /** Text in place of so many lines that were not shown. */
  readonly unshown: (count: number) => string;
}

/** A line that is too much shuts it; it opens no earlier than with the next tick, so that its own words do not flood. */
export class Valve {
  readonly #options: ValveOptions;
  #shut = false;
  #unshown = 0;
  /** When what came last since the last tick happened; null: nothing came. */
  #latest: number | null = null;

  constructor(options: ValveOptions) {
    this.#options = options;
  }

  readonly line: LineSink = (ns, render) => {
    if (!this.skips(ns)) this.#options.sink(render());
  };

  /** Whether what happened at `ns` gets no line now: it has been counted, and no line of it is to be made. */
  readonly skips = (ns: number): boolean => {
    const { hasRoom, isLate } = this.#options;
    this.#latest = ns;
    this.#shut ||= !hasRoom() || isLate(ns);
    if (this.#shut) this.#unshown++;
    return this.#shut;
  };

  /** To be called a few times a second. */
  tick(): void {
    const { hasRoom, isLate } = this.#options;
    const isBehind = this.#latest !== null && isLate(this.#latest);
    this.#latest = null;
    if (this.#shut && hasRoom() && !isBehind) this.open();
  }

  /** Tells what was not shown, and shows lines again. */
  open(): void {
    this.#shut = false;
    if (this.#unshown > 0) this.#options.sink(this.#options.unshown(this.#unshown));
    this.#unshown = 0;
  }
}
