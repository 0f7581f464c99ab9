import type { UmapEvent } from '../event/events.gen.ts';
import type { ChangeOf, Disassociation, DisassociationKind, Ufile, Vma } from '../timeline/model.ts';

type Requested = ChangeOf<'disassociation-requested'>;
type Returned = ChangeOf<'disassociation-returned'>;

/** A removal or a reset, which goes from ufile to ufile. */
export interface Request {
  readonly begun: UmapEvent;
  readonly kind: DisassociationKind;
  /** Name of the device; null when it was not told. */
  readonly name: string | null;
  /** Kernel address of the ib_device. */
  readonly device: string;
  /** Ufiles that it came to. */
  readonly reached: Set<Ufile>;
}

/** Kernel address of the ib_device that an event of a removal or a reset is about; `0`: it does not tell. */
function deviceOf(event: UmapEvent): string {
  switch (event.what) {
    case 'remove_begin':
    case 'remove_end':
    case 'reset_begin':
    case 'reset_end':
      return event.device;
    default:
      return '0';
  }
}

/**
 * Finds what a removal or a reset that has returned never came to: mappings of a ufile of the same device. ib_uverbs_remove_one
 * and rdma_user_mmap_disassociate take every ufile on the device's list (4.20 on), and a ufile stays on it until it is closed, which
 * no ufile is that has a VMA. Only a removal that is going on already takes it off, some time before it is torn down
 * (ib_uverbs_free_hw_resources unlocks the list between the two).
 */
export class Unreached {
  readonly #mapped = new Set<Ufile>();
  /** What each thread is in. */
  readonly #requests = new Map<number, Request>();
  /** Numbers of devices by the kernel address of their ib_device, as requests have shown, until the device is removed. */
  readonly #rdevs = new Map<string, number>();
  /** Ufiles that a removal is tearing down or has torn down. */
  readonly #removed = new WeakSet<Ufile>();

  born({ kind, tracked, ufile }: Vma): void {
    if (kind === 'io' && tracked) this.#mapped.add(ufile);
  }

  freed(ufile: Ufile): void {
    this.#mapped.delete(ufile);
  }

  requested({ event, kind, device: name }: Requested): void {
    this.#requests.set(event.tid, { begun: event, kind, name, device: deviceOf(event), reached: new Set() });
  }

  /** A disassociation of a ufile has begun. */
  reached({ ufile, kind }: Disassociation, { tid }: UmapEvent): void {
    const request = this.#requests.get(tid);
    request?.reached.add(ufile);
    if (request !== undefined && ufile.rdev !== null) this.#rdevs.set(request.device, ufile.rdev);
    if (kind === 'remove') this.#removed.add(ufile);
  }

  /** @returns the VMAs that it should have come to, by ufile, and when it began; null when that cannot be told */
  returned({ event, kind }: Returned): { readonly begun: UmapEvent; readonly vmas: Vma[] } | null {
    const request = this.#requests.get(event.tid);
    this.#requests.delete(event.tid);
    const rdev = this.#rdevs.get(deviceOf(event));
    if (kind === 'remove') this.#rdevs.delete(deviceOf(event));
    if (request === undefined || rdev === undefined || this.#isBeingRemoved(request)) return null;
    return { begun: request.begun, vmas: this.#missed(request, rdev) };
  }

  /** Those that have not returned, and may still have to come to a VMA. */
  unreturned(): Request[] {
    return [...this.#requests.values()].filter(
      (request) => this.#missed(request, this.#rdevs.get(request.device)).length > 0,
    );
  }

  /** Tracked VMAs from before a request, of ufiles of a device that it did not come to. @param rdev its number; undefined: any */
  #missed({ begun, reached }: Request, rdev: number | undefined): Vma[] {
    return [...this.#mapped]
      .filter((ufile) => rdev === undefined || ufile.rdev === rdev)
      .filter((ufile) => !reached.has(ufile) && !this.#removed.has(ufile))
      .flatMap(({ vmas }) => [...vmas])
      .filter(({ tracked, origin }) => tracked && origin.event.ns < begun.ns);
  }

  /** Whether a removal of the same device is going on beside a request. */
  #isBeingRemoved({ device }: Request): boolean {
    return [...this.#requests.values()].some((other) => other.kind === 'remove' && other.device === device);
  }
}
