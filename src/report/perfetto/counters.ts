/** How many VMAs each ufile has, and how many bytes they span, over time. */
import type { Ufile, Vma } from '../../timeline/model.ts';
import { COUNTER, eventPacket } from './packet.ts';
import type { VmaChange } from './slices.ts';
import type { Tracks } from './tracks.ts';

interface Step {
  readonly ns: bigint;
  readonly vma: Vma;
  readonly live: number;
  readonly bytes: number;
}

export class Counters {
  readonly #steps: Step[] = [];
  readonly #sizes = new Map<Vma, number>();

  add(ns: bigint, { what, vma }: VmaChange): void {
    const before = this.#sizes.get(vma);
    const size = vma.end - vma.start;
    if (what === 'vma-born') {
      this.#sizes.set(vma, size);
      this.#steps.push({ ns, vma, live: 1, bytes: size });
    } else if (before !== undefined && (what === 'vma-ended' || what === 'vma-stillborn')) {
      this.#sizes.delete(vma);
      this.#steps.push({ ns, vma, live: -1, bytes: -before });
    } else if (before !== undefined && what === 'vma-shrunk') {
      this.#sizes.set(vma, size);
      this.#steps.push({ ns, vma, live: 0, bytes: size - before });
    }
  }

  /** The counters of the VMAs that are wanted, as packets. */
  *packets(tracks: Tracks, wanted: (vma: Vma) => boolean): Generator<Uint8Array> {
    const totals = new Map<Ufile, { live: number; bytes: number }>();
    for (const { ns, vma, live, bytes } of this.#steps) {
      if (!wanted(vma)) continue;
      const total = totals.get(vma.ufile) ?? { live: 0, bytes: 0 };
      totals.set(vma.ufile, total);
      total.live += live;
      total.bytes += bytes;
      const uuids = tracks.countersOf(vma.ufile);
      if (live !== 0) yield eventPacket(ns, { type: COUNTER, track: uuids.live, value: total.live });
      if (bytes !== 0) yield eventPacket(ns, { type: COUNTER, track: uuids.bytes, value: total.bytes });
    }
  }
}
