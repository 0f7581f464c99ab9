import type { UmapEvent } from '../event/events.gen.ts';
import type { Changes } from './changes.ts';
import type { Mms, Space } from './mms.ts';
import { Slots } from './slots.ts';
import type { KnownUfile } from './ufiles.ts';
import { type Birth, LiveVma, type Range } from './vma.ts';

/** Kernel addresses of VMAs that are gone: they come back. */
const SPARE_POINTERS = 1 << 15;

const hex = ({ start, end }: Range): string => `0x${start.toString(16)}-0x${end.toString(16)}`;

/**
 * The live VMAs. A VMA is its pointer plus its generation: pointers are recycled at once,
 * so whatever is born at the pointer, or at the first byte, of a live VMA shows that the
 * close of that one was not seen.
 */
export class Vmas {
  readonly #changes: Changes;
  readonly #mms: Mms;
  /** Bytes of a page, the unit of vm_pgoff. */
  readonly page: number;
  readonly #live = new Slots<string, LiveVma>(SPARE_POINTERS);
  #count = 0;

  constructor(changes: Changes, mms: Mms, page: number) {
    this.#changes = changes;
    this.#mms = mms;
    this.page = page;
  }

  /** The live VMA at a pointer. */
  get(pointer: string): LiveVma | undefined {
    return this.#live.get(pointer);
  }

  /** Live VMAs in order of birth, which is the order of their ids. */
  live(): LiveVma[] {
    return [...this.#live.values()].sort((a, b) => a.ordinal - b.ordinal);
  }

  /** Pages in so many bytes. */
  pages(bytes: number): number {
    return bytes / this.page;
  }

  /** A VMA is born. */
  add(birth: Birth): LiveVma {
    const { event, space, pointer } = birth;
    const old = this.#live.get(pointer);
    if (old !== undefined) this.lose(old, event, `${old.id} was never closed: a new VMA has its pointer`);
    this.#count += 1;
    const vma = new LiveVma(this.#count, birth);
    const overlapped = vma.exact ? space.starts.get(vma.start) : undefined;
    if (space.vmas.size === 0) this.#mms.keep(space);
    this.#live.set(pointer, vma);
    vma.links = { ufile: vma.ufile.vmas.add(vma), mm: space.vmas.add(vma) };
    if (vma.exact) space.starts.set(vma.start, vma);
    if (overlapped !== undefined)
      this.lose(overlapped, event, `${overlapped.id} was never closed: ${vma.id} lies at its address`);
    this.#changes.tell({ what: 'vma-born', event, vma, parent: birth.parent });
    return vma;
  }

  /** Moves the bounds of a VMA; what it maps at an address stays. */
  resize(vma: LiveVma, { start, end }: Range): void {
    const { starts } = vma.mm;
    if (start !== vma.start) {
      const shift = this.pages(start - vma.start);
      vma.pgoff += shift;
      if (vma.pfn !== null) vma.pfn += shift;
      starts.delete(vma.start, vma);
    }
    if (vma.exact) starts.set(start, vma);
    vma.start = start;
    vma.end = end;
  }

  /** Holds the range against what the kernel tells, which is the truth. */
  check(vma: LiveVma, event: UmapEvent, range: Range): void {
    const equal = vma.start === range.start && vma.end === range.end;
    if (equal && vma.exact) return;
    if (vma.exact) {
      const message = `${vma.id} is ${hex(range)} to the kernel, ${hex(vma)} by the events before`;
      this.#changes.tell({ what: 'mismatch', event, vma, message });
    }
    vma.exact = true;
    this.resize(vma, range);
  }

  /** A VMA is gone. */
  end(vma: LiveVma, event: UmapEvent): void {
    this.remove(vma, event);
    this.#changes.tell({ what: 'vma-ended', event, vma });
  }

  /** A VMA turns out to be gone: its close was not seen. */
  lose(vma: LiveVma, event: UmapEvent, message: string): void {
    this.#changes.tell({ what: 'mismatch', event, vma, message });
    this.end(vma, event);
  }

  /** All VMAs of a ufile or an address space turn out to be gone. */
  loseAll(of: KnownUfile | Space, event: UmapEvent, why: string): void {
    for (const vma of [...of.vmas]) this.lose(vma, event, `${vma.id} was never closed: ${why}`);
  }

  /** Takes a VMA off every list, telling nothing. */
  remove(vma: LiveVma, event: UmapEvent): void {
    const space = vma.mm;
    vma.state = 'closed';
    vma.ended = event;
    if (vma.links === null) return;
    vma.ufile.vmas.remove(vma.links.ufile);
    space.vmas.remove(vma.links.mm);
    vma.links = null;
    this.#live.delete(vma.pointer, vma);
    space.starts.delete(vma.start, vma);
    if (space.vmas.size === 0) this.#mms.drop(space);
  }
}
