/** Which part of a timeline is asked for. */
import type { UmapEvent } from '../event/events.gen.ts';
import type { Change, Mm, Ufile, Vma } from '../timeline/model.ts';

/** What is asked for; what is left out is not restricted. */
export interface Filters {
  /** A name: U1. */
  readonly ufile?: string;
  /** A name: V7. */
  readonly vma?: string;
  readonly pid?: number;
  readonly comm?: string;
  /** rxe0 or uverbs0. */
  readonly device?: string;
  /** ns since the start: changes before are left out. */
  readonly since?: number;
  /** ns since the start: changes after are left out. */
  readonly until?: number;
}

const ufileOf = (change: Change): Ufile | null => {
  if ('ufile' in change) return change.ufile;
  if ('disassociation' in change && change.disassociation !== null) return change.disassociation.ufile;
  return 'vma' in change && change.vma !== null ? change.vma.ufile : null;
};

/**
 * Decides change by change. A process filter takes the VMAs of a matching process and of
 * its children, the ufiles that it opened or maps, and every disassociation of those.
 */
export class Selection {
  readonly #filters: Filters;
  readonly #mms = new WeakSet<Mm>();
  readonly #ufiles = new WeakSet<Ufile>();

  constructor(filters: Filters = {}) {
    this.#filters = filters;
  }

  /** Whether anything is left out at all. */
  get partial(): boolean {
    return Object.keys(this.#filters).length > 0;
  }

  /** Whether a change is asked for. To be called for every change, in order. */
  wants(change: Change): boolean {
    const chosen = this.#chosen(change);
    return chosen && this.within(change.event?.ns ?? null);
  }

  /** Whether a moment is in the time asked for; null, an unknown one, always is. */
  within(ns: number | null): boolean {
    const { since, until } = this.#filters;
    return ns === null || ((since === undefined || ns >= since) && (until === undefined || ns <= until));
  }

  /** Whether a ufile with what was seen of it so far is asked for. */
  wantsUfile(ufile: Ufile): boolean {
    const { ufile: name, device, vma } = this.#filters;
    if (name !== undefined && ufile.id !== name) return false;
    if (device !== undefined && ufile.device !== device && ufile.uverbs !== device) return false;
    return (!this.#byProcess && vma === undefined) || this.#ufiles.has(ufile);
  }

  /** Whether a VMA, as it is now, is asked for; for after all its changes went through {@link wants}. */
  wantsVma(vma: Vma): boolean {
    return (
      this.#choosesVma(vma, null, vma.origin.event) &&
      this.overlaps(vma.origin.event.ns, vma.ended?.ns ?? null)
    );
  }

  /** Whether a stretch of time touches the one asked for; null: it has not ended. */
  overlaps(from: number, to: number | null): boolean {
    const { since, until } = this.#filters;
    return (until === undefined || from <= until) && (since === undefined || to === null || to >= since);
  }

  get #byProcess(): boolean {
    return this.#filters.pid !== undefined || this.#filters.comm !== undefined;
  }

  #chosen(change: Change): boolean {
    if ('vma' in change && change.vma !== null) {
      const parent = change.what === 'vma-born' ? change.parent : null;
      return this.#choosesVma(change.vma, parent, change.event);
    }
    if (change.what === 'forked') return this.#choosesFork(change.mm);
    const ufile = ufileOf(change);
    if (ufile === null) return true;
    if (change.event !== null && this.#byProcess && this.#is(change.event)) this.#ufiles.add(ufile);
    return this.wantsUfile(ufile);
  }

  #choosesVma(vma: Vma, parent: Vma | null, event: UmapEvent): boolean {
    const { vma: name } = this.#filters;
    if (name !== undefined && vma.id !== name) return false;
    if (this.#byProcess && !this.#choosesMm(vma.mm, parent, event)) return false;
    this.#ufiles.add(vma.ufile);
    return this.wantsUfile(vma.ufile);
  }

  #choosesFork(mm: Mm): boolean {
    return [...mm.vmas.values()].some((vma) => this.#choosesVma(vma, null, vma.origin.event));
  }

  #choosesMm(mm: Mm, parent: Vma | null, event: UmapEvent): boolean {
    if (this.#mms.has(mm)) return true;
    const inherits = parent !== null && this.#mms.has(parent.mm);
    const own = mm.pid !== null && this.#is({ pid: mm.pid, comm: mm.comm });
    const acting = mm.pid === event.pid && this.#is(event);
    if (inherits || own || acting) this.#mms.add(mm);
    return inherits || own || acting;
  }

  #is({ pid, comm }: { readonly pid: number; readonly comm: string }): boolean {
    const { pid: wanted, comm: named } = this.#filters;
    return (wanted === undefined || pid === wanted) && (named === undefined || comm === named);
  }
}
