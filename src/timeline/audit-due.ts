import type { Change, Disassociation, Ufile, Vma } from './model.ts';

/** A fork or mremap whose end was not seen is waited for so long; ns. */
const PATIENCE = 5e9;

/**
 * When page tables are to be read: once a disassociation has ended, and again when a copy without a umap is made of
 * something that it did not revoke. A copy made by fork or mremap is complete only when the child has a pid, or
 * the source is closed: until then the audit waits.
 */
export class AuditDue {
  #asked = false;
  readonly #disassociated = new WeakSet<Ufile>();
  /** Copies that are not complete, with the time of their birth. */
  readonly #incomplete = new Map<Vma, number>();

  /** Takes the next change. */
  see(change: Change): void {
    switch (change.what) {
      case 'disassociation-ended':
        this.#ended(change.disassociation);
        break;
      case 'vma-born':
        if (mayEscape(change.vma)) this.#copied(change.vma, change.event.ns);
        break;
      case 'forked':
        for (const vma of this.#incomplete.keys()) if (vma.mm === change.mm) this.#incomplete.delete(vma);
        break;
      case 'vma-ended':
        this.#gone(change.vma);
        break;
      default:
    }
  }

  /** Whether an audit is due; it is taken to be done. @param now ns since the recording's origin, also when nothing happens */
  take(now: number): boolean {
    if (!this.#asked) return false;
    for (const born of this.#incomplete.values()) if (now - born < PATIENCE) return false;
    this.#asked = false;
    return true;
  }

  #ended({ ufile }: Disassociation): void {
    this.#disassociated.add(ufile);
    for (const { kind } of ufile.vmas) if (kind === 'io') this.#asked = true;
  }

  #copied(vma: Vma, ns: number): void {
    this.#incomplete.set(vma, ns);
    if (this.#disassociated.has(vma.ufile)) this.#asked = true;
  }

  /** A VMA is closed: a copy that came to nothing, or the source of a move. */
  #gone(vma: Vma): void {
    this.#incomplete.delete(vma);
    for (const copy of this.#incomplete.keys()) {
      if (copy.origin.cause === 'mremap' && copy.origin.parent === vma.id) this.#incomplete.delete(copy);
    }
  }
}

const mayEscape = ({ kind, tracked, origin: { cause }, state }: Vma): boolean =>
  kind === 'io' && !tracked && (cause === 'fork' || cause === 'mremap') && state !== 'zapped';
