import type { Change, Vma as Told } from '../../../src/timeline/model.ts';
import { Timeline } from '../../../src/timeline/timeline.ts';
import { cgroupOf, PAGE, type Vma } from './objects.ts';
import type { World } from './world.ts';

/** What the timeline and the kernel must agree on, as text. */
const kernelSays = ({ pointer, mm, ufile, start, end, pgoff, pfn, kind, cause, umap, flags, born }: Vma) =>
  `${pointer} mm ${mm.pointer} ufile ${ufile.pointer} ${start.toString(16)}-${end.toString(16)} ` +
  `pgoff ${pgoff} pfn ${pfn} ${kind} ${cause} ${umap === null ? 'untracked' : 'tracked'} ${flags} n ${born}`;

const timelineSays = ({ pointer, mm, ufile, start, end, pgoff, pfn, kind, origin, tracked, flags }: Told) =>
  `${pointer} mm ${mm.pointer} ufile ${ufile.pointer} ${start.toString(16)}-${end.toString(16)} ` +
  `pgoff ${pgoff} pfn ${pfn} ${kind} ${origin.cause} ${tracked ? 'tracked' : 'untracked'} ${flags} n ${origin.event.n}`;

/** Holds a timeline against the model kernel that tells it its events. */
export class Comparison {
  readonly timeline = new Timeline();
  readonly #world: World;
  /** `n` of the birth of every VMA, by id. */
  readonly #births = new Map<string, number>();
  #told = 0;
  compared = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Applies what the kernel has told since the last time. */
  take(): Change[] {
    const { events } = this.#world.kernel;
    const changes: Change[] = [];
    for (; this.#told < events.length; this.#told += 1) {
      const event = events[this.#told];
      if (event !== undefined) changes.push(...this.timeline.apply(event));
    }
    for (const change of changes) {
      if (change.what === 'vma-born') this.#births.set(change.vma.id, change.vma.origin.event.n);
    }
    return changes;
  }

  /** Throws unless both have the same live VMAs, and every event fitted. */
  check(): void {
    for (const change of this.take()) {
      if (change.what === 'mismatch') throw new Error(change.message);
    }
    const live = new Map(this.timeline.live().map((vma) => [vma.pointer, vma]));
    for (const vma of this.#world.vmas()) {
      const told = live.get(vma.pointer);
      if (told === undefined) throw new Error(`missing: ${kernelSays(vma)}`);
      live.delete(vma.pointer);
      this.#same(vma, told);
    }
    for (const vma of live.values()) throw new Error(`not alive: ${timelineSays(vma)}`);
  }

  /** Throws unless what the page tables have just told is so: of what should be revoked, nothing is in doubt. */
  checkAudited(): void {
    const audited = new Set(
      this.take().flatMap((change) => (change.what === 'vma-audited' ? [change.vma] : [])),
    );
    const alive = new Map(this.#world.vmas().map((vma) => [vma.pointer, vma]));
    for (const told of audited) {
      const reaches = alive.get(told.pointer)?.reaches === true;
      const state = reaches ? 'escaped' : 'zapped';
      if (told.state !== state)
        throw new Error(`${timelineSays(told)} is ${told.state}, to the kernel ${state}`);
    }
  }

  /** Throws if a VMA is thought alive that is not, or to be elsewhere: a trace that began late may know fewer. */
  checkKnown(): void {
    for (const change of this.take()) {
      if (change.what === 'mismatch') throw new Error(change.message);
    }
    const alive = new Map(this.#world.vmas().map((vma) => [vma.pointer, vma]));
    for (const told of this.timeline.live()) {
      const vma = alive.get(told.pointer);
      if (vma === undefined) throw new Error(`not alive: ${timelineSays(told)}`);
      this.#fits(vma, told);
    }
  }

  /** Throws unless both have the same live VMAs in the same places, whatever is known of their past. */
  checkPlaces(): void {
    this.checkKnown();
    const places = (vmas: readonly (Vma | Told)[]): string =>
      vmas
        .map(({ pointer, start, end, pgoff }) => `${pointer} ${start}-${end} ${pgoff}`)
        .sort()
        .join('\n');
    const [told, kernel] = [places(this.timeline.live()), places(this.#world.vmas())];
    if (told !== kernel) throw new Error(`${told}\n, to the kernel\n${kernel}`);
    for (const { id, mm } of this.timeline.live())
      if (mm.pid === null) throw new Error(`${id} is of no process`);
  }

  #fits(vma: Vma, told: Told): void {
    this.compared += 1;
    const aPageOfIt = told.origin.event.what === 'umap_fault' && told.end - told.start === PAGE;
    const placed = aPageOfIt || (told.start === vma.start && told.end === vma.end);
    const owned = told.mm.pid === null || vma.mm.pids.has(told.mm.pid);
    if (!placed || !owned || told.mm.pointer !== vma.mm.pointer || told.ufile.pointer !== vma.ufile.pointer) {
      throw new Error(`${timelineSays(told)}, to the kernel\n${kernelSays(vma)}`);
    }
    this.#sameCgroup(told);
    this.#sameState(vma, told);
  }

  #same(vma: Vma, told: Told): void {
    this.compared += 1;
    if (kernelSays(vma) !== timelineSays(told)) {
      throw new Error(`${timelineSays(told)}, to the kernel\n${kernelSays(vma)}`);
    }
    const { pid } = told.mm;
    if (pid === null || !vma.mm.pids.has(pid))
      throw new Error(`${told.id} is process ${pid}'s, not of ${[...vma.mm.pids]}`);
    this.#sameCgroup(told);
    this.#sameState(vma, told);
    this.#sameParent(vma, told);
  }

  /** It may not be known: an mm that a vfork child mapped in, or that was passed on to one. */
  #sameCgroup({ id, mm }: Told): void {
    if (mm.cgroup !== null && (mm.pid === null || mm.cgroup.id !== cgroupOf(mm.pid)))
      throw new Error(`${id}, of process ${mm.pid}, is in cgroup ${mm.cgroup.id}`);
  }

  #sameState(vma: Vma, told: Told): void {
    if (told.state === 'zapped' && vma.reaches) throw new Error(`${told.id} reaches the device still`);
    if (told.state === 'mapped' && !vma.reaches) throw new Error(`${told.id} does not reach the device`);
  }

  /** The parent, where it is told: where it is inferred, several may fit. */
  #sameParent(vma: Vma, { id, origin }: Told): void {
    if (origin.event.what !== 'umap_open' || origin.event.inherited === '0') return;
    const born = origin.parent === null ? undefined : this.#births.get(origin.parent);
    if (born !== vma.parent?.born)
      throw new Error(`${id} is a copy of ${origin.parent}, to the kernel of another`);
  }

  /** Throws unless nothing is alive. */
  checkEmpty(): void {
    this.check();
    const { ufiles, disassociations } = this.timeline;
    if (ufiles.length > 0) throw new Error(`${ufiles.map(({ id }) => id)} have not been freed`);
    if (disassociations.length > 0)
      throw new Error(`${disassociations.length} disassociations have not ended`);
  }
}
