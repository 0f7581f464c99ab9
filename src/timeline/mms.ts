import type { UmapEvent } from '../event/events.gen.ts';
import { Chain } from './chain.ts';
import type { Changes } from './changes.ts';
import type { Cgroup, Mm } from './model.ts';
import { Slots } from './slots.ts';
import type { LiveVma } from './vma.ts';

const SPARE_STARTS = 32;
const SPARE_SPACES = 1 << 12;

/** An address space that has live VMAs of a ufile. */
export class Space implements Mm {
  readonly pointer: string;
  pid: number | null = null;
  comm = '';
  cgroup: Cgroup | null = null;
  readonly vmas = new Chain<LiveVma>();
  /** Live VMAs whose range is known, by their first byte. */
  readonly starts = new Slots<number, LiveVma>(SPARE_STARTS);
  /** Whether its VMAs were copied by fork, before the child had a pid. */
  forked = false;

  constructor(pointer: string) {
    this.pointer = pointer;
  }
}

/**
 * The address spaces with live VMAs, by pointer. An mm is a new one when its pointer comes
 * back after its last VMA is gone: mm pointers are recycled at once.
 */
export class Mms {
  readonly #changes: Changes;
  readonly #live = new Slots<string, Space>(SPARE_SPACES);
  readonly #byPid = new Slots<number, Space>(SPARE_SPACES);

  constructor(changes: Changes) {
    this.#changes = changes;
  }

  /** The space with live VMAs at a pointer. */
  get(pointer: string): Space | undefined {
    return this.#live.get(pointer);
  }

  /** The space of that pointer; a new one is kept from its first VMA on. */
  of(pointer: string): Space {
    return this.#live.get(pointer) ?? new Space(pointer);
  }

  /** The space whose process is `pid`; undefined when it has no live VMA. */
  ofPid(pid: number): Space | undefined {
    return this.#byPid.get(pid);
  }

  /** The space has its first live VMA. */
  keep(space: Space): void {
    this.#live.set(space.pointer, space);
    if (space.pid !== null) this.#byPid.set(space.pid, space);
  }

  /** The space has no live VMA any more. */
  drop(space: Space): void {
    this.#live.delete(space.pointer, space);
    if (space.pid !== null) this.#byPid.delete(space.pid, space);
  }

  /**
   * The current process of `event` runs in this space, which belongs to `owner`. The first one
   * seen gives it its name; others that share the mm (vfork, CLONE_VM) do not change it,
   * until the mm is passed on to one of them (mm_update_next_owner, kernel/exit.c).
   */
  usedBy(space: Space, event: UmapEvent, owner = space.pid ?? event.pid): void {
    if (space.pid === null) this.name(space, owner, event);
    else if (space.pid !== owner) this.#passOn(space, owner);
    if (space.pid === event.pid && event.tid === event.pid) space.comm = event.comm;
  }

  #passOn(space: Space, owner: number): void {
    if (space.pid !== null) this.#byPid.delete(space.pid, space);
    space.pid = owner;
    space.cgroup = null;
    if (space.vmas.size > 0) this.#byPid.set(owner, space);
  }

  /** The current process of `event` is in this cgroup; null: that was not told. */
  placedIn(space: Space, event: UmapEvent, cgroup: Cgroup | null): void {
    if (cgroup !== null && space.pid === event.pid) space.cgroup = cgroup;
  }

  /** The space is the one of process `pid`. */
  name(space: Space, pid: number, event: UmapEvent): void {
    space.pid = pid;
    space.comm = event.comm;
    if (space.vmas.size > 0) this.#byPid.set(pid, space);
    if (space.forked) this.#changes.tell({ what: 'forked', event, mm: space });
  }
}
