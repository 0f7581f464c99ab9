import type { UmapEvent } from '../event/events.gen.ts';
import { PAGE } from '../page.ts';
import type { Changes } from './changes.ts';
import type { Mms, Space } from './mms.ts';
import { Slots } from './slots.ts';
import type { KnownUfile } from './ufiles.ts';
import { type Birth, LiveVma, type Places, type Range } from './vma.ts';

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
  readonly #live = new Slots<string, LiveVma>(SPARE_POINTERS);
  #count = 0;

  constructor(changes: Changes, mms: Mms) {
    this.#changes = changes;
    this.#mms = mms;
  }

  /** The live VMA at a pointer. */
  get(pointer: string): LiveVma | undefined {
    return this.#live.get(pointer);
  }

  /** Live VMAs in order of birth, which is the order of their ids. */
  live(): LiveVma[] {
    return [...this.#live.values()].sort((a, b) => a.ordinal - b.ordinal);
  }

  /** A VMA is born. */
  add(birth: Birth): LiveVma {
    const { event, space } = birth;
    this.#count += 1;
    const vma = new LiveVma(this.#count, birth);
    const pointer = this.#live.slot(vma.pointer);
    const old = pointer.value;
    this.#live.fill(pointer, vma);
    if (old !== undefined) this.lose(old, event, `${old.id} was never closed: a new VMA has its pointer`);
    if (space.vmas.size === 0) this.#mms.keep(space);
    const places: Places = {
      ufile: vma.ufile.vmas.add(vma),
      mm: space.vmas.add(vma),
      pointer,
      start: null,
    };
    vma.places = places;
    const overlapped = vma.exact ? this.#enter(vma, places) : undefined;
    if (overlapped !== undefined)
      this.lose(overlapped, event, `${overlapped.id} was never closed: ${vma.id} lies at its address`);
    this.#changes.tell({ what: 'vma-born', event, vma, parent: birth.parent });
    return vma;
  }

  /** Puts a VMA at its first byte. @returns who was there */
  #enter(vma: LiveVma, places: Places): LiveVma | undefined {
    const { starts } = vma.mm;
    const slot = starts.slot(vma.start);
    const before = slot.value;
    starts.fill(slot, vma);
    places.start = slot;
    return before;
  }

  /** Moves the bounds of a VMA; what it maps at an address stays. */
  resize(vma: LiveVma, { start, end }: Range): void {
    const { places, mm } = vma;
    if (places === null) return;
    if (start !== vma.start) {
      const shift = (start - vma.start) / PAGE;
      vma.pgoff += shift;
      if (vma.pfn !== null) vma.pfn += shift;
      if (places.start !== null) mm.starts.empty(places.start, vma);
    }
    vma.start = start;
    vma.end = end;
    if (vma.exact && places.start?.value !== vma) this.#enter(vma, places);
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
    if (of.vmas.size === 0) return;
    for (const vma of [...of.vmas]) this.lose(vma, event, `${vma.id} was never closed: ${why}`);
  }

  /** Takes a VMA off every list, telling nothing. */
  remove(vma: LiveVma, event: UmapEvent): void {
    const space = vma.mm;
    vma.state = 'closed';
    vma.ended = event;
    const { places } = vma;
    if (places === null) return;
    vma.places = null;
    vma.ufile.vmas.remove(places.ufile);
    space.vmas.remove(places.mm);
    this.#live.empty(places.pointer, vma);
    if (places.start !== null) space.starts.empty(places.start, vma);
    if (space.vmas.size === 0) this.#mms.drop(space);
  }
}
