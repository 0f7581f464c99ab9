/** Tracks of a Perfetto trace: a group for each process, in it a track for each VMA; one for each ufile, its counters and disassociations. */
import type { Disassociation, Mm, Ufile, Vma } from '../../timeline/model.ts';
import { escapeText } from '../escape.ts';
import { cgroupName, device } from '../names.ts';
import { type Track, UNIT_BYTES, UNIT_COUNT } from './packet.ts';

export interface Counters {
  readonly live: number;
  readonly bytes: number;
}

export class Tracks {
  readonly #uuids = new Map<object | string, number>();
  #last = 0;

  /** The uuid of the track of an object, or of a name. */
  of(key: object | string): number {
    const known = this.#uuids.get(key);
    if (known !== undefined) return known;
    this.#uuids.set(key, ++this.#last);
    return this.#last;
  }

  countersOf({ id }: Ufile): Counters {
    return { live: this.of(`live ${id}`), bytes: this.of(`bytes ${id}`) };
  }

  /** The group of the process that an address space belongs to. */
  process({ pid, comm, cgroup }: Mm): Track {
    const name = pid === null ? 'unknown process' : escapeText(comm);
    const label = `cgroup ${cgroupName(cgroup)}`;
    return { uuid: this.of(`pid ${pid}`), name, ...(pid !== null && { pid, label }) };
  }

  vma(vma: Vma): Track {
    const driver = vma.kind === 'driver' ? ' driver' : '';
    return {
      uuid: this.of(vma),
      parent: this.process(vma.mm).uuid,
      name: `${vma.id} ${vma.ufile.id}${driver}`,
    };
  }

  /** A ufile's own track, and its counters. */
  ufile(ufile: Ufile): Track[] {
    const uuid = this.of(ufile);
    const { live, bytes } = this.countersOf(ufile);
    return [
      { uuid, name: `${ufile.id} ${device(ufile)}` },
      { uuid: live, parent: uuid, name: `${ufile.id} live VMAs`, unit: UNIT_COUNT },
      { uuid: bytes, parent: uuid, name: `${ufile.id} mapped bytes`, unit: UNIT_BYTES },
    ];
  }

  disassociation(d: Disassociation): Track {
    const what = d.kind === 'remove' ? 'removal' : 'reset';
    const of = d.device === null ? '' : ` of ${escapeText(d.device)}`;
    return { uuid: this.of(d), parent: this.of(d.ufile), name: `${d.id} ${what}${of}` };
  }

  /** Where lost events of a CPU are shown. */
  gaps(cpu: number | null): Track {
    const name = cpu === null ? 'lost events' : `lost events on CPU ${cpu}`;
    return { uuid: this.of(name), name };
  }
}
