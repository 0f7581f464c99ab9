import type {
  DeviceEvent,
  UcontextEndEvent,
  UfileCloseEvent,
  UfileFreeEvent,
  UfileOpenEvent,
  UmapEvent,
} from '../event/events.gen.ts';
import type { Cgroups } from './cgroups.ts';
import { Chain } from './chain.ts';
import type { Changes } from './changes.ts';
import type { Disassociation, Ufile } from './model.ts';
import { DeviceNames } from './names.ts';
import { Slots } from './slots.ts';
import type { LiveVma } from './vma.ts';
import type { Vmas } from './vmas.ts';

/** A ufile as the engine keeps it. */
export interface KnownUfile extends Ufile {
  /** Its place in the order of first appearance. */
  readonly ordinal: number;
  readonly vmas: Chain<LiveVma>;
  /** The disassociation of it that ended last; null when none has. */
  disassociated: Disassociation | null;
  /** Whether its device is being removed, or gone. */
  removed: boolean;
}

const SPARE_UFILES = 1 << 12;

/** The ufiles that have not been freed, by pointer. */
export class Ufiles {
  readonly #changes: Changes;
  readonly #vmas: Vmas;
  readonly #cgroups: Cgroups;
  readonly #live = new Slots<string, KnownUfile>(SPARE_UFILES);
  readonly #names = new DeviceNames();
  #count = 0;

  constructor(changes: Changes, vmas: Vmas, cgroups: Cgroups) {
    this.#cgroups = cgroups;
    this.#changes = changes;
    this.#vmas = vmas;
  }

  /** Ufiles that have not been freed, in order of their ids. */
  live(): KnownUfile[] {
    return [...this.#live.values()].sort((a, b) => a.ordinal - b.ordinal);
  }

  /**
   * The ufile at a pointer; one that was not known is older than the trace.
   * @param rdev its device number; null when the event does not tell
   */
  of(pointer: string, event: UmapEvent, rdev: number | null = null): KnownUfile {
    const known = this.#live.get(pointer);
    if (known === undefined) return this.#found(pointer, event, rdev);
    if (rdev === null || known.rdev === rdev) return known;
    if (known.rdev !== null) {
      this.#recycled(known, event);
      return this.#found(pointer, event, rdev);
    }
    known.rdev = rdev;
    this.#names.fill(known);
    return known;
  }

  /** ib_uverbs_open returned. */
  open(event: UfileOpenEvent): void {
    const { ret, rdev, ufile: pointer } = event;
    if (ret !== 0) {
      this.#changes.tell({ what: 'ufile-open-failed', event, errno: -ret, rdev });
      return;
    }
    const old = this.#live.get(pointer);
    if (old !== undefined) this.#recycled(old, event);
    this.#changes.tell({ what: 'ufile-opened', event, ufile: this.#add(pointer, event, rdev) });
  }

  /** The last reference to the struct file is gone; every VMA held one, so all are closed. */
  close(event: UfileCloseEvent): void {
    const ufile = this.of(event.ufile, event);
    this.#vmas.loseAll(ufile, event, `its ufile ${ufile.id} has been closed`);
    ufile.closed = event;
    this.#changes.tell({ what: 'ufile-closed', event, ufile });
  }

  /** ib_rdmacg_uncharge: the ucontext of a ufile that is torn down ends. */
  ucontextEnded(event: UcontextEndEvent): void {
    const ufile = this.of(event.ufile, event);
    ufile.ucontextEnded = event;
    this.#changes.tell({ what: 'ucontext-ended', event, ufile });
  }

  /** The ufile's memory is given back. */
  free(event: UfileFreeEvent): void {
    this.#end(this.of(event.ufile, event), event);
  }

  /** The names of a device have been read. */
  device(event: DeviceEvent): void {
    this.#names.learn(event, this.#live.values());
  }

  /** The device of a ufile is being removed. @param name the device's; empty where the kernel does not tell */
  removed(ufile: KnownUfile, name: string): void {
    this.#names.settle(ufile, name);
  }

  /** Its free was not seen, which is told unless nothing else was missed. */
  #recycled(ufile: KnownUfile, event: UmapEvent): void {
    if (ufile.closed === null) {
      const message = `${ufile.id} was never closed: a new ufile has its pointer`;
      this.#changes.tell({ what: 'mismatch', event, vma: null, message });
    }
    this.#end(ufile, event);
  }

  #end(ufile: KnownUfile, event: UmapEvent): void {
    this.#vmas.loseAll(ufile, event, `its ufile ${ufile.id} has been freed`);
    ufile.freed = event;
    this.#live.delete(ufile.pointer, ufile);
    this.#changes.tell({ what: 'ufile-freed', event, ufile });
  }

  #found(pointer: string, event: UmapEvent, rdev: number | null): KnownUfile {
    const ufile = this.#add(pointer, null, rdev);
    this.#changes.tell({ what: 'ufile-found', event, ufile });
    return ufile;
  }

  #add(pointer: string, opened: UfileOpenEvent | null, rdev: number | null): KnownUfile {
    this.#count += 1;
    const ufile: KnownUfile = {
      id: `U${this.#count}`,
      ordinal: this.#count,
      pointer,
      rdev,
      device: null,
      uverbs: null,
      opened,
      cgroup: opened === null ? null : this.#cgroups.of(opened.cgroup),
      ucontextEnded: null,
      closed: null,
      freed: null,
      vmas: new Chain(),
      disassociated: null,
      removed: false,
    };
    this.#names.fill(ufile);
    this.#live.set(pointer, ufile);
    return ufile;
  }
}
