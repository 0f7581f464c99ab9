import type { ForkEvent, TeardownBeginEvent, UmapEvent } from '../event/events.gen.ts';
import { audited, auditFailed } from './audit.ts';
import { Cgroups } from './cgroups.ts';
import { Changes } from './changes.ts';
import { Closing } from './closing.ts';
import { driverCopied, driverOpen, umapOpen } from './copies.ts';
import { Disassociations, DRIVER_REMOVE } from './disassociations.ts';
import { closed, umapKept } from './ends.ts';
import { completes, type Held, HeldEvents } from './held.ts';
import { mmap, mmapFailed, mmapIo } from './mmaps.ts';
import { Mms } from './mms.ts';
import type { Change, Disassociation, Ufile, Vma } from './model.ts';
import { Parents } from './parents.ts';
import type { Parts } from './parts.ts';
import { Ram } from './ram.ts';
import { snapshotFd, snapshotVma } from './snapshot.ts';
import { Stacks } from './stacks.ts';
import { Ufiles } from './ufiles.ts';
import { Vmas } from './vmas.ts';
import { touched, zapped, zappedInOpen } from './zaps.ts';

export interface TimelineOptions {
  readonly cgroups?: Cgroups;
}

/**
 * Events in, changes out: the ufiles, VMAs and disassociations that the kernel has, kept
 * as the kernel keeps them. Memory follows what is alive.
 */
export class Timeline {
  readonly #parts: Parts;
  readonly #held = new HeldEvents();

  /**
   * @param options.cgroups those that are known: of an earlier reading of the same recording
   */
  constructor({ cgroups = new Cgroups() }: TimelineOptions = {}) {
    const changes = new Changes();
    const mms = new Mms(changes);
    const vmas = new Vmas(changes, mms);
    const ufiles = new Ufiles(changes, vmas, cgroups);
    const parents = new Parents(mms);
    const disassociations = new Disassociations(changes);
    const stacks = new Stacks(changes);
    const [ram, closing] = [new Ram(), new Closing()];
    this.#parts = { changes, mms, vmas, ufiles, parents, disassociations, closing, stacks, ram, cgroups };
  }

  /** Ufiles that have not been freed, in order of their ids. */
  get ufiles(): readonly Ufile[] {
    return this.#parts.ufiles.live();
  }

  /** Disassociations that have not ended, in order of their ids. */
  get disassociations(): readonly Disassociation[] {
    return this.#parts.disassociations.open();
  }

  /** VMAs that are alive, in order of their ids. */
  live(): readonly Vma[] {
    return this.#parts.vmas.live();
  }

  /**
   * Applies the next event in order of (ns, cpu, n) and returns what it changed, in order.
   * Never throws, whatever the event.
   */
  apply(event: UmapEvent): readonly Change[] {
    const held = this.#held.size === 0 ? undefined : this.#release(event);
    this.#dispatch(event, held);
    return this.#parts.changes.take();
  }

  /** A cgroup that events name by its id has this path: also of what was applied before. */
  nameCgroup(id: number, path: string): void {
    this.#parts.cgroups.name(id, path);
  }

  /** What waited for a further event is settled without it; nothing may follow. */
  finish(): readonly Change[] {
    for (const held of this.#held.all()) this.#settle(held);
    return this.#parts.changes.take();
  }

  /** The held event that `event` completes; others whose time has come are settled. */
  #release(event: UmapEvent): Held | undefined {
    // A line of user space is told of a thread, not by it.
    const held = event.seq === 0 ? undefined : this.#held.take(event);
    const due = this.#held.due(event);
    for (const other of due) this.#settle(other);
    if (held === undefined || completes(event, held)) return held;
    this.#settle(held);
    return undefined;
  }

  /** Applies a held event whose companion has not come. */
  #settle(held: Held): void {
    if (held.what === 'mmap_io') mmapFailed(this.#parts, held);
    else if (held.what === 'zap') zapped(this.#parts, held);
    else driverCopied(this.#parts, held);
  }

  #dispatch(event: UmapEvent, held: Held | undefined): void {
    const parts = this.#parts;
    switch (event.what) {
      case 'mmap_io':
        if (event.ret === 0) mmapIo(parts, event);
        else this.#held.hold(event);
        break;
      case 'mmap':
        mmap(parts, event);
        break;
      case 'umap_open':
        umapOpen(parts, event);
        if (held?.what === 'zap') zappedInOpen(parts, held);
        break;
      case 'driver_open':
        if (!driverOpen(parts, event)) this.#held.hold(event);
        break;
      case 'umap_close':
      case 'driver_close':
        closed(parts, event);
        break;
      case 'umap_kept':
        umapKept(parts, event);
        break;
      case 'umap_fault':
        touched(parts, event);
        break;
      case 'zap':
        if (event.umap === '0') this.#held.hold(event);
        else zapped(parts, event);
        break;
      case 'fork':
        this.#forked(event);
        break;
      case 'snapshot_vma':
        snapshotVma(parts, event);
        break;
      case 'snapshot_fd':
        snapshotFd(parts, event);
        break;
      case 'audit':
        audited(parts, event);
        break;
      case 'audit_failed':
        auditFailed(parts, event);
        break;
      case 'stack':
        parts.stacks.frame(event);
        break;
      case 'ram':
        parts.ram.add(event);
        break;
      default:
        this.#ofUfiles(event);
    }
  }

  #ofUfiles(event: UmapEvent): void {
    const { ufiles } = this.#parts;
    switch (event.what) {
      case 'ufile_open':
        ufiles.open(event);
        break;
      case 'ufile_close':
        ufiles.close(event);
        break;
      case 'ufile_free':
        ufiles.free(event);
        break;
      case 'ucontext_end':
        ufiles.ucontextEnded(event);
        break;
      case 'device':
        ufiles.device(event);
        break;
      default:
        this.#ofDisassociations(event);
    }
  }

  #ofDisassociations(event: UmapEvent): void {
    const { ufiles, disassociations } = this.#parts;
    switch (event.what) {
      case 'remove_begin':
      case 'reset_begin':
        disassociations.request(event);
        break;
      case 'remove_end':
      case 'reset_end':
        disassociations.returned(event);
        break;
      case 'teardown_begin':
        this.#teardown(event);
        break;
      case 'teardown_end':
        disassociations.tornDown(event, ufiles.of(event.ufile, event));
        break;
      case 'zapping_begin':
        disassociations.zapping(event, ufiles.of(event.ufile, event));
        break;
      case 'zapping_end':
        disassociations.zapped(event, ufiles.of(event.ufile, event));
        break;
    }
  }

  /** Only driver removal is the end of a device; closing tears a ufile down too. */
  #teardown(event: TeardownBeginEvent): void {
    const { ufiles, disassociations } = this.#parts;
    const ufile = ufiles.of(event.ufile, event);
    if (event.reason < DRIVER_REMOVE) return;
    ufiles.removed(ufile, disassociations.requested(event.tid)?.name ?? '');
    disassociations.teardown(event, ufile);
  }

  /**
   * sched_process_fork: the mm that was filled on this thread belongs to the child. One that has a
   * process already is that of a vfork child, which shares it: a fork that failed before made the
   * kernel side look for its pointer.
   */
  #forked(event: ForkEvent): void {
    const { mms, cgroups } = this.#parts;
    const space = mms.get(event.mm);
    if (space === undefined || space.pid !== null) return;
    space.cgroup = cgroups.of(event.cgroup);
    mms.name(space, event.child, event);
  }
}
