/** The timeline as a native Perfetto trace. */
import type { UmapEvent } from '../../event/events.gen.ts';
import type { Header } from '../../recording/format.ts';
import type { Change, Disassociation, Gap, Ufile, Vma } from '../../timeline/model.ts';
import { Clock } from '../clock.ts';
import type { Selection } from '../select.ts';
import type { Tally } from '../tally.ts';
import { counted } from '../values.ts';
import type { Sink, Trouble, View } from '../view.ts';
import { Counters } from './counters.ts';
import {
  clockPacket,
  eventPacket,
  INSTANT,
  SLICE_BEGIN,
  SLICE_END,
  type TrackEvent,
  trackPacket,
} from './packet.ts';
import { Slices, type VmaChange } from './slices.ts';
import { Tracks } from './tracks.ts';

export interface PerfettoOptions {
  readonly sink: Sink;
  readonly selection: Selection;
}

interface Kept {
  readonly vma: Vma;
  readonly packet: Uint8Array;
}

const isVmaChange = (change: Change): change is VmaChange => change.what.startsWith('vma-');

export class PerfettoView implements View {
  readonly #sink: Sink;
  readonly #selection: Selection;
  readonly #tracks = new Tracks();
  readonly #slices = new Slices(this.#tracks);
  readonly #counters = new Counters();
  readonly #vmas = new Set<Vma>();
  readonly #ufiles = new Set<Ufile>();
  readonly #disassociations = new Set<Disassociation>();
  readonly #gaps: Gap[] = [];
  readonly #lost: { readonly ns: number; readonly count: number }[] = [];
  readonly #kept: Kept[] = [];
  #clock: Clock | null = null;
  /** ns since the origin. */
  #latest = 0;
  #wall: bigint | null = null;

  constructor({ sink, selection }: PerfettoOptions) {
    this.#sink = sink;
    this.#selection = selection;
  }

  begin(header: Header): void {
    this.#clock = new Clock(header);
    this.#wall = this.#clock.wall(0);
  }

  event(event: UmapEvent | null, changes: readonly Change[]): void {
    this.#latest = event?.ns ?? this.#latest;
    for (const change of changes) this.#change(change);
  }

  trouble(trouble: Trouble): void {
    if (trouble.what === 'lost') this.#lost.push({ ns: trouble.ns ?? this.#latest, count: trouble.count });
  }

  end(tally: Tally): void {
    const last = tally.end ?? 0;
    for (const vma of [...this.#slices.open]) this.#keep(vma, last, this.#slices.end(vma).event);
    const wanted = new Set([...this.#vmas].filter((vma) => this.#selection.wantsVma(vma)));
    if (this.#wall !== null) this.#sink(clockPacket(this.#boot(0), this.#wall));
    this.#writeTracks(wanted);
    for (const { vma, packet } of this.#kept) if (wanted.has(vma)) this.#sink(packet);
    for (const packet of this.#counters.packets(this.#tracks, (vma) => wanted.has(vma))) this.#sink(packet);
    for (const d of this.#disassociations) {
      if (this.#selection.showsDisassociation(d)) this.#writeDisassociation(d, last);
    }
    this.#writeGaps(tally);
  }

  #change(change: Change): void {
    this.#selection.wants(change);
    if ('ufile' in change) this.#ufiles.add(change.ufile);
    if ('disassociation' in change && change.disassociation !== null) {
      this.#disassociations.add(change.disassociation);
      this.#ufiles.add(change.disassociation.ufile);
    }
    if (change.what === 'gap') this.#gaps.push(change.gap);
    if (!isVmaChange(change)) return;
    const { event, vma } = change;
    this.#vmas.add(vma);
    this.#ufiles.add(vma.ufile);
    this.#counters.add(this.#boot(event.ns), change);
    for (const each of this.#slices.of(change)) this.#keep(each.vma, event.ns, each.event);
  }

  #boot(ns: number): bigint {
    return this.#clock?.origin.absolute(ns) ?? 0n;
  }

  /** What happened in the call that made it is older than its birth, which is told when that returns. */
  #keep(vma: Vma, ns: number, event: TrackEvent): void {
    const at = Math.max(ns, vma.origin.event.ns);
    this.#kept.push({ vma, packet: eventPacket(this.#boot(at), event) });
  }

  #writeTracks(vmas: ReadonlySet<Vma>): void {
    const tracks = this.#tracks;
    const ufiles = [...this.#ufiles].filter((ufile) => this.#selection.showsUfile(ufile));
    const processes = new Map([...vmas].map(({ mm }) => [tracks.process(mm).uuid, tracks.process(mm)]));
    const all = [...ufiles.flatMap((ufile) => tracks.ufile(ufile)), ...processes.values()];
    for (const track of all) this.#sink(trackPacket(track));
    for (const vma of vmas) this.#sink(trackPacket(tracks.vma(vma)));
  }

  /** Its phases, one slice after the other; the last ends with the trace when it was not seen to end. */
  #writeDisassociation(d: Disassociation, last: number): void {
    const track = this.#tracks.disassociation(d);
    this.#sink(trackPacket(track));
    const phases = [
      ['requested', d.requested],
      ['teardown', d.teardown],
      ['zapping', d.zapping],
    ] as const;
    const seen = phases.flatMap(([name, event]) => (event === null ? [] : [{ name, ns: event.ns }]));
    seen.forEach(({ name, ns }, i) => {
      const to = seen[i + 1]?.ns ?? d.ended?.ns ?? last;
      this.#write(ns, { type: SLICE_BEGIN, track: track.uuid, name, notes: { zaps: d.zaps } });
      this.#write(Math.max(ns, to), { type: SLICE_END, track: track.uuid });
    });
  }

  #writeGaps(tally: Tally): void {
    for (const { from, to, cpu, lost } of this.#gaps) {
      const track = this.#tracks.gaps(cpu);
      const begin = from ?? tally.first ?? 0;
      this.#sink(trackPacket(track));
      this.#write(begin, { type: SLICE_BEGIN, track: track.uuid, name: `${counted(lost, 'event')} lost` });
      this.#write(Math.max(begin, to ?? tally.end ?? 0), { type: SLICE_END, track: track.uuid });
    }
    for (const { ns, count } of this.#lost) {
      const track = this.#tracks.gaps(null);
      this.#sink(trackPacket(track));
      this.#write(ns, { type: INSTANT, track: track.uuid, name: `bpftrace lost ${counted(count, 'event')}` });
    }
  }

  #write(ns: number, event: TrackEvent): void {
    this.#sink(eventPacket(this.#boot(ns), event));
  }
}
