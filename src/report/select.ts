/** Which part of a timeline is asked for. */
import type { UmapEvent } from '../event/events.gen.ts';
import type { Cgroup, Change, Disassociation, Mm, Ufile, Vma } from '../timeline/model.ts';
import { CgroupChoice } from './cgroup-choice.ts';
import type { View } from './view.ts';

/** Since before all that is known. */
const EVER = Number.NEGATIVE_INFINITY;

/** What is asked for; what is left out is not restricted. */
export interface Filters {
  /** A name: U1. */
  readonly ufile?: string;
  /** A name: V7, with its ancestors and descendants. */
  readonly vma?: string;
  readonly pid?: number;
  readonly comm?: string;
  /** In the form that {@link parseCgroup} gives. */
  readonly cgroup?: string;
  /** rxe0 or uverbs0. */
  readonly device?: string;
  /** ns since the start: changes before are left out. */
  readonly since?: number;
  /** ns since the start: changes after are left out. */
  readonly until?: number;
}

/**
 * What a reading has learnt of what is asked for. Names, and the order in which address spaces
 * appear, are the same in each reading of a recording.
 */
interface Learnt {
  readonly ufiles: Set<string>;
  /** The names of their devices; null: that of one is not known. */
  readonly devices: Set<string | null>;
  /** Address spaces of the processes that are asked for, by their ordinals. */
  readonly mms: Set<number>;
  /** The VMA that is named, its ancestors and its descendants. */
  readonly lineage: Set<string>;
}

const nothing = (): Learnt => ({ ufiles: new Set(), devices: new Set(), mms: new Set(), lineage: new Set() });

/** The ufile that a change is about; null when it is about none. */
function ufileOf(change: Change): Ufile | null {
  if ('ufile' in change) return change.ufile;
  if ('disassociation' in change && change.disassociation !== null) return change.disassociation.ufile;
  return 'vma' in change && change.vma !== null ? change.vma.ufile : null;
}

/** The cgroup of the process that a change of a ufile is told of; null when it is not told. */
const cgroupOf = (change: Change): Cgroup | null =>
  change.what === 'ufile-opened' ? change.ufile.cgroup : change.what === 'ufile-held' ? change.cgroup : null;

/** The address space that a change is about; null when it is about none. */
function mmOf(change: Change): Mm | null {
  if (change.what === 'forked') return change.mm;
  return 'vma' in change && change.vma !== null ? change.vma.mm : null;
}

/**
 * Decides change by change. A process filter takes the VMAs of a matching process and of
 * its children, the ufiles that it opened or maps, and every disassociation of those.
 *
 * What belongs to it may be told before it is known to: a ufile is opened before the process that is looked for maps
 * it, and ancestors are older than the VMA that is named. A second reading ({@link Selection.again}) has all of it.
 */
export class Selection {
  /** Whether anything is left out at all. */
  readonly partial: boolean;
  /** Whether certain ufiles, VMAs or processes are asked for, not only a stretch of time: only a second reading has all of it. */
  readonly byThing: boolean;
  readonly #filters: Filters;
  readonly #byProcess: boolean;
  readonly #cgroups: CgroupChoice;
  /** What a first reading has learnt; null: this is the first. */
  readonly #before: Learnt | null;
  readonly #learnt = nothing();
  /** Ufiles whose device's name may change. */
  readonly #unnamed = new Set<Ufile>();
  /** Whether a ufile is asked for only when a chosen VMA or process has to do with it. */
  readonly #byTouch: boolean;
  /** Ufiles that a chosen VMA or process has to do with. */
  readonly #touched = new WeakSet<Ufile>();
  readonly #ordinals = new WeakMap<Mm, number>();
  readonly #parents = new WeakMap<Vma, Vma>();
  /** The VMA that is named, and its descendants. */
  readonly #descendants = new WeakSet<Vma>();
  #mms = 0;

  constructor(filters: Filters = {}, before: Learnt | null = null) {
    this.#filters = filters;
    this.#cgroups = new CgroupChoice(filters.cgroup);
    this.#before = before;
    this.partial = Object.keys(filters).length > 0;
    const { since: _since, until: _until, ...things } = filters;
    this.byThing = Object.keys(things).length > 0;
    const { pid, comm, cgroup } = filters;
    this.#byProcess = pid !== undefined || comm !== undefined || cgroup !== undefined;
    this.#byTouch = this.#byProcess || filters.vma !== undefined;
  }

  /** Whether it was for certain ufiles, VMAs or processes, and there was none of them. */
  get foundNothing(): boolean {
    return this.byThing && this.#learnt.ufiles.size + (this.#before?.ufiles.size ?? 0) === 0;
  }

  /** Whether processes are asked for by where they are, or one VMA: then where they are is worth telling. */
  get showsCgroups(): boolean {
    return this.#filters.cgroup !== undefined || this.#filters.vma !== undefined;
  }

  /** How many address spaces are left out because nobody knows the cgroup of their processes. */
  get unknown(): number {
    return this.#cgroups.unknown;
  }

  /** The same, for another reading of the same recording; it knows from the start what this one has learnt. */
  again(): Selection {
    for (const { mms, ufiles } of this.#cgroups.late()) {
      for (const mm of mms) this.#learnt.mms.add(mm);
      for (const ufile of ufiles) {
        this.#touched.add(ufile);
        this.#settle(ufile);
      }
    }
    for (const ufile of this.#unnamed) this.#settle(ufile);
    return new Selection(this.#filters, this.#learnt);
  }

  /** Whether a change is asked for. To be called for every change, in order. */
  wants(change: Change): boolean {
    this.#place(change);
    const chosen = this.#chosen(change);
    const ufile = this.byThing && chosen ? ufileOf(change) : null;
    if (ufile !== null) this.#learnt.ufiles.add(ufile.id);
    if (this.byThing) this.#wait(change);
    return chosen && this.within(change);
  }

  /** Whether it is in the time asked for: a gap is wherever anything may have been lost, all else where its event is. */
  within(change: Change): boolean {
    if (change.what === 'gap') return this.overlaps(change.gap.from ?? EVER, change.gap.to);
    return change.event === null || this.overlaps(change.event.ns, change.event.ns);
  }

  /** Whether a ufile with what was seen of it so far is asked for. */
  wantsUfile(ufile: Ufile): boolean {
    if (this.#before !== null) return this.#before.ufiles.has(ufile.id);
    if (!this.#isNamed(ufile)) return false;
    return !this.#byTouch || this.#touched.has(ufile);
  }

  /** Whether a VMA, as it is now, is asked for; for after all its changes went through {@link wants}. */
  wantsVma(vma: Vma): boolean {
    return (
      this.#choosesVma(vma, null, vma.origin.event) &&
      this.overlaps(vma.origin.event.ns, vma.ended?.ns ?? null)
    );
  }

  /** Whether a ufile is asked for, and was there in the time asked for; for after all its changes went through {@link wants}. */
  showsUfile(ufile: Ufile): boolean {
    const { opened, freed } = ufile;
    return this.wantsUfile(ufile) && this.overlaps(opened?.ns ?? EVER, freed?.ns ?? null);
  }

  /** The same of a disassociation. */
  showsDisassociation({ ufile, requested, teardown, zapping, ended }: Disassociation): boolean {
    const began = requested ?? teardown ?? zapping;
    return this.wantsUfile(ufile) && this.overlaps(began?.ns ?? EVER, ended?.ns ?? null);
  }

  /** Whether a stretch of time touches the one asked for; null: it has not ended. */
  overlaps(from: number, to: number | null): boolean {
    const { since, until } = this.#filters;
    return (until === undefined || from <= until) && (since === undefined || to === null || to >= since);
  }

  /** Notes what an address space's ordinal is, and where a VMA comes from, whether they are asked for or not. */
  #place(change: Change): void {
    const mm = this.#byProcess ? mmOf(change) : null;
    if (mm !== null && !this.#ordinals.has(mm)) this.#ordinals.set(mm, this.#mms++);
    if (change.what === 'vma-born' && this.#filters.vma !== undefined)
      this.#descends(change.vma, change.parent);
  }

  /** The device of a ufile may be told later, or another one than was told first. */
  #wait(change: Change): void {
    const ufile = ufileOf(change);
    if (ufile === null) return;
    this.#unnamed.add(ufile);
    if (change.what === 'ufile-freed') this.#settle(ufile);
  }

  /** No more will be told of a ufile. */
  #settle(ufile: Ufile): void {
    this.#unnamed.delete(ufile);
    const { ufiles, devices } = this.#learnt;
    if (!this.wantsUfile(ufile)) ufiles.delete(ufile.id);
    else {
      ufiles.add(ufile.id);
      devices.add(ufile.device);
    }
  }

  /** Whether a ufile is the one that is asked for, or one of the device that is. */
  #isNamed({ id, device, uverbs }: Ufile): boolean {
    const { ufile: name, device: wanted } = this.#filters;
    if (name !== undefined && id !== name) return false;
    return wanted === undefined || device === wanted || uverbs === wanted;
  }

  /** Whether a removal or a reset, not of a ufile but of its device, may concern what is asked for. */
  #concerns(name: string | null): boolean {
    const { device: wanted } = this.#filters;
    if (!this.byThing || name === null || name === wanted) return true;
    if (this.#before === null) return wanted === undefined || wanted.startsWith('uverbs');
    return this.#before.devices.has(name) || this.#before.devices.has(null);
  }

  #descends(vma: Vma, parent: Vma | null): void {
    if (parent !== null) this.#parents.set(vma, parent);
    const { lineage } = this.#learnt;
    if (vma.id === this.#filters.vma) {
      for (let at = parent; at !== null; at = this.#parents.get(at) ?? null) lineage.add(at.id);
    } else if (parent === null || !this.#descendants.has(parent)) return;
    this.#descendants.add(vma);
    lineage.add(vma.id);
  }

  #chosen(change: Change): boolean {
    if ('vma' in change && change.vma !== null) {
      const parent = change.what === 'vma-born' ? change.parent : null;
      return this.#choosesVma(change.vma, parent, change.event);
    }
    if (change.what === 'forked') return this.#choosesFork(change.mm);
    const ufile = ufileOf(change);
    if (change.what === 'disassociation-requested' || change.what === 'disassociation-returned')
      return this.#concerns(change.device);
    if (ufile === null) return true;
    if (this.#byProcess && this.#acts(change, ufile)) this.#touched.add(ufile);
    return this.wantsUfile(ufile);
  }

  #choosesVma(vma: Vma, parent: Vma | null, event: UmapEvent): boolean {
    if (!this.#named(vma)) return false;
    if (this.#byProcess && !this.#choosesMm(vma, parent, event)) return false;
    if (this.#byTouch) this.#touched.add(vma.ufile);
    return this.wantsUfile(vma.ufile);
  }

  #named(vma: Vma): boolean {
    if (this.#filters.vma === undefined) return true;
    const { id } = vma;
    return this.#learnt.lineage.has(id) || this.#before?.lineage.has(id) === true;
  }

  #choosesFork(mm: Mm): boolean {
    return [...mm.vmas].some((vma) => this.#choosesVma(vma, null, vma.origin.event));
  }

  #choosesMm({ mm, ufile }: Vma, parent: Vma | null, event: UmapEvent): boolean {
    if (this.#chose(mm)) return true;
    const inherits = parent !== null && this.#chose(parent.mm);
    const own = mm.pid !== null && this.#is({ pid: mm.pid, comm: mm.comm });
    const acting = mm.pid === event.pid && this.#is(event);
    const ordinal = this.#ordinals.get(mm) ?? -1;
    const matches = inherits || ((own || acting) && this.#cgroups.takesMm(mm, ordinal, ufile));
    if (ordinal >= 0 && matches) this.#learnt.mms.add(ordinal);
    return matches;
  }

  /** Whether a change of a ufile is what a process did that is asked for. */
  #acts(change: Change, ufile: Ufile): boolean {
    if (change.event === null || !this.#is(change.event)) return false;
    return this.#cgroups.takesHolder(cgroupOf(change), ufile);
  }

  #chose(mm: Mm): boolean {
    const ordinal = this.#ordinals.get(mm);
    return (
      ordinal !== undefined && (this.#learnt.mms.has(ordinal) || this.#before?.mms.has(ordinal) === true)
    );
  }

  #is({ pid, comm }: { readonly pid: number; readonly comm: string }): boolean {
    const { pid: wanted, comm: named } = this.#filters;
    return (wanted === undefined || pid === wanted) && (named === undefined || comm === named);
  }
}

/** A reading that shows nothing: for what the selection learns from it. */
export const learning = (selection: Selection): View => ({
  begin() {},
  event: (_event, changes) => {
    for (const change of changes) selection.wants(change);
  },
  trouble() {},
  end() {},
});
