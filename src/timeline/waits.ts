import type { Disassociation, Mm } from './model.ts';

interface Progress {
  /** When the zapping began, or the last zap ended; ns since the start. */
  last: number;
  readonly mms: Set<Mm>;
}

/**
 * How long each disassociation waited for each address space: it takes one mm's lock after
 * the other, so the time before an mm's first zap is the time that it waited for that mm.
 */
export class ZapWaits {
  readonly #running = new Map<Disassociation, Progress>();

  /** The zapping of a disassociation began at `ns`. */
  began(disassociation: Disassociation, ns: number): void {
    this.#running.set(disassociation, { last: ns, mms: new Set() });
  }

  /** A zap that returned at `ns`: ns waited before it, null when it is not the first of its mm. */
  zapped(disassociation: Disassociation, mm: Mm, ns: number, duration: number): number | null {
    const progress = this.#running.get(disassociation);
    if (progress === undefined) return null;
    const wait = progress.mms.has(mm) ? null : Math.max(0, ns - duration - progress.last);
    progress.mms.add(mm);
    progress.last = ns;
    return wait;
  }

  /** The disassociation is over. */
  ended(disassociation: Disassociation): void {
    this.#running.delete(disassociation);
  }
}
