import type { UmapEvent } from '../event/events.gen.ts';
import type { ChangeOf, Disassociation, Ufile, Vma } from '../timeline/model.ts';

type Requested = ChangeOf<'disassociation-requested'>;
type Returned = ChangeOf<'disassociation-returned'>;

/** A removal or a reset, which goes from ufile to ufile. */
interface Request {
  readonly begun: UmapEvent;
  /** Ufiles that it came to. */
  readonly reached: Set<Ufile>;
}

const isSameDevice = (a: Ufile, b: Ufile): boolean => a.rdev !== null && a.rdev === b.rdev;

/**
 * Finds what a removal or a reset that has returned never came to: mappings of a ufile of the same device. ib_uverbs_remove_one
 * and rdma_user_mmap_disassociate take every ufile on the device's list (4.20 on), and a ufile stays on it until it is closed, which
 * no ufile is that has a VMA. Only a removal that is going on already takes it off.
 */
export class Unreached {
  readonly #mapped = new Set<Ufile>();
  /** What each thread is in. */
  readonly #requests = new Map<number, Request>();
  /** Ufiles that a removal is tearing down or has torn down. */
  readonly #removed = new WeakSet<Ufile>();

  born({ kind, tracked, ufile }: Vma): void {
    if (kind === 'io' && tracked) this.#mapped.add(ufile);
  }

  freed(ufile: Ufile): void {
    this.#mapped.delete(ufile);
  }

  requested({ event }: Requested): void {
    this.#requests.set(event.tid, { begun: event, reached: new Set() });
  }

  /** A disassociation of a ufile has begun. */
  reached({ ufile, kind }: Disassociation, { tid }: UmapEvent): void {
    this.#requests.get(tid)?.reached.add(ufile);
    if (kind === 'remove') this.#removed.add(ufile);
  }

  /** @returns the VMAs that it should have come to, by ufile, and when it began */
  returned({ event }: Returned): { readonly begun: UmapEvent; readonly vmas: Vma[] } | null {
    const request = this.#requests.get(event.tid);
    this.#requests.delete(event.tid);
    if (request === undefined) return null;
    const { begun, reached } = request;
    const vmas: Vma[] = [];
    for (const ufile of this.#mapped) {
      if (reached.has(ufile) || this.#removed.has(ufile)) continue;
      if (![...reached].some((other) => isSameDevice(ufile, other))) continue;
      for (const vma of ufile.vmas) if (vma.tracked && vma.origin.event.ns < begun.ns) vmas.push(vma);
    }
    return { begun, vmas };
  }
}
