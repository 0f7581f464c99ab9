/** Gathers a timeline for the HTML report. */
import type { Header } from '../../recording/format.ts';
import type { Change, Disassociation, Gap, Mm, Ufile, Vma, VmaState } from '../../timeline/model.ts';
import { ZapWaits } from '../../timeline/waits.ts';
import { Clock } from '../clock.ts';
import type { Judgement } from '../collect.ts';
import { escapeText } from '../escape.ts';
import { actor, cgroupName, device } from '../names.ts';
import type { FindingJson } from '../schema.ts';
import type { Selection } from '../select.ts';
import type { Tally } from '../tally.ts';
import { pointer } from '../values.ts';
import {
  CAUSES,
  type DisassociationData,
  type FindingData,
  type GapData,
  KINDS,
  type PageData,
  STATES,
  type UfileData,
  type VmaColumns,
} from './data.ts';
import { Entries } from './entries.ts';
import { extent } from './extent.ts';
import { deltas, Table } from './table.ts';

/** VMAs beyond these are counted and not shown. */
const MOST_VMAS = 100_000;

/** Findings that the page knows by their VMA or ufile. */
const MOST_FINDINGS = 10_000;

interface Wait {
  readonly mm: Mm;
  readonly from: number;
  readonly to: number;
}

const timeOf = (event: { readonly ns: number } | null): number | null => event?.ns ?? null;

function ufileData(ufile: Ufile): UfileData {
  return {
    id: ufile.id,
    device: device(ufile),
    opened: timeOf(ufile.opened),
    ucontextEnded: timeOf(ufile.ucontextEnded),
    closed: timeOf(ufile.closed),
    freed: timeOf(ufile.freed),
  };
}

const findingData = ({ rule, severity, message, vma, ufile }: FindingJson): FindingData[] => {
  const about = vma ?? ufile;
  return about === null ? [] : [{ about, rule, severity, message: escapeText(message) }];
};

const mmData = ({ pointer: address, pid, comm, cgroup }: Mm) => ({
  pointer: pointer(address),
  pid,
  comm: escapeText(comm),
  cgroup: cgroupName(cgroup),
});

export class Gatherer {
  readonly #selection: Selection;
  readonly #words = new Table<string>();
  readonly #entries = new Entries(this.#words);
  readonly #ufiles = new Set<Ufile>();
  /** Each with its last state before it was closed. */
  readonly #vmas = new Map<Vma, VmaState>();
  readonly #disassociations = new Map<Disassociation, Wait[]>();
  readonly #gaps: Gap[] = [];
  readonly #waits = new ZapWaits();
  #left = 0;
  /** ns since the origin. */
  #latest = 0;

  constructor(selection: Selection) {
    this.#selection = selection;
  }

  add(change: Change): void {
    this.#selection.wants(change);
    this.#latest = change.event?.ns ?? this.#latest;
    if ('ufile' in change) this.#ufiles.add(change.ufile);
    if (change.what === 'gap') this.#gaps.push(change.gap);
    if ('disassociation' in change) this.#disassociation(change);
    if ('vma' in change && change.vma !== null) this.#vma(change, change.vma);
  }

  /** bpftrace said that it lost events, about then; null: when it came to that in the recording. */
  lost(ns: number | null, lost: number): void {
    const at = ns ?? this.#latest;
    this.#gaps.push({ from: at, to: at, cpu: -1, lost });
  }

  /** All that is asked for, with what the rules say of it. */
  data(header: Header, tally: Tally, { findings }: Judgement): PageData {
    const clock = new Clock(header);
    const wall = clock.wall(0);
    const ufiles = new Table<Ufile>();
    const vmas = new Table<Vma>();
    const mms = new Table<Mm>();
    for (const ufile of this.#ufiles) if (this.#selection.showsUfile(ufile)) ufiles.place(ufile);
    for (const vma of this.#vmas.keys()) vmas.place(vma);
    const columns = this.#vmaColumns(vmas.values, { ufiles, vmas, mms });
    const disassociations = this.#disassociationData(ufiles, mms);
    const gaps = this.#gaps.map((gap) => gapData(gap, tally));
    return {
      boot: clock.boot(0),
      wall: wall === null ? null : String(wall),
      ...extent({ vmas: vmas.values, ufiles: ufiles.values, disassociations, gaps }, tally),
      left: { vmas: this.#left, entries: this.#entries.left },
      entries: this.#entries.columns(vmas),
      actors: this.#entries.actors.values,
      mms: mms.values.map(mmData),
      ufiles: ufiles.values.map(ufileData),
      vmas: columns,
      disassociations,
      gaps,
      findings: findings.slice(0, MOST_FINDINGS).flatMap(findingData),
      words: this.#words.values,
    };
  }

  #vma(change: Extract<Change, { vma: Vma | null }>, vma: Vma): void {
    this.#ufiles.add(vma.ufile);
    if (!this.#selection.wantsVma(vma)) {
      this.#vmas.delete(vma);
      return;
    }
    if (!this.#vmas.has(vma)) {
      if (this.#vmas.size >= MOST_VMAS) {
        if (change.what === 'vma-born') this.#left++;
        return;
      }
      this.#vmas.set(vma, vma.state);
    }
    if (vma.state !== 'closed') this.#vmas.set(vma, vma.state);
    if (change.what !== 'umap-kept') this.#entries.add(change, vma);
  }

  #disassociation(change: Extract<Change, { disassociation: Disassociation | null }>): void {
    const { disassociation, event } = change;
    if (disassociation === null) return;
    this.#ufiles.add(disassociation.ufile);
    const waits = this.#disassociations.get(disassociation) ?? [];
    this.#disassociations.set(disassociation, waits);
    if (change.what === 'disassociation-zapping') this.#waits.began(disassociation, event.ns);
    if (change.what === 'disassociation-ended') this.#waits.ended(disassociation);
    if (change.what !== 'vma-zapped') return;
    const { mm } = change.vma;
    const from = event.ns - change.duration;
    const wait = this.#waits.zapped(disassociation, mm, event.ns, change.duration);
    if (wait !== null) waits.push({ mm, from: from - wait, to: from });
  }

  #vmaColumns(
    list: readonly Vma[],
    { ufiles, vmas, mms }: { ufiles: Table<Ufile>; vmas: Table<Vma>; mms: Table<Mm> },
  ): VmaColumns {
    const byId = new Map(list.map((vma) => [vma.id, vmas.find(vma)]));
    const parent = ({ origin }: Vma): number =>
      origin.parent === null ? -1 : (byId.get(origin.parent) ?? -1);
    return {
      number: deltas(list.map(({ id }) => Number(id.slice(1)))),
      ufile: list.map(({ ufile }) => ufiles.place(ufile)),
      mm: list.map(({ mm }) => mms.place(mm)),
      kind: list.map(({ kind }) => KINDS.indexOf(kind)),
      cause: list.map(({ origin }) => CAUSES.indexOf(origin.cause)),
      parent: list.map(parent),
      born: deltas(list.map(({ origin }) => origin.event.ns)),
      start: deltas(list.map(({ start }) => start)),
      moved: list.map((vma) => vma.start - this.#entries.birthStart(vma)),
      size: list.map(({ start, end }) => end - start),
      lived: list.map(({ ended, origin }) => (ended === null ? null : ended.ns - origin.event.ns)),
      pgoff: deltas(list.map(({ pgoff }) => pgoff)),
      pfn: list.map(({ pfn }) => pfn ?? -1),
      flags: list.map(({ flags }) => this.#words.place(flags === null ? '' : pointer(flags))),
      state: list.map((vma) => STATES.indexOf(this.#vmas.get(vma) ?? vma.state)),
      tracked: list.map(({ tracked }) => (tracked ? 1 : 0)),
    };
  }

  #disassociationData(ufiles: Table<Ufile>, mms: Table<Mm>): DisassociationData[] {
    const shown = [...this.#disassociations].filter(([each]) => this.#selection.showsDisassociation(each));
    return shown.map(([d, waits]) => {
      const first = d.requested ?? d.teardown ?? d.zapping;
      return {
        id: d.id,
        kind: d.kind,
        device: d.device === null ? null : escapeText(d.device),
        ufile: ufiles.place(d.ufile),
        actor: first === null ? -1 : this.#entries.actors.place(actor(first)),
        requested: timeOf(d.requested),
        teardown: timeOf(d.teardown),
        zapping: timeOf(d.zapping),
        ended: timeOf(d.ended),
        zaps: d.zaps,
        waits: waits.map(({ mm, from, to }) => [mms.place(mm), from, to]),
      };
    });
  }
}

const gapData = ({ from, to, cpu, lost }: Gap, { first, end }: Tally): GapData => ({
  from: from ?? first ?? 0,
  to: to ?? end ?? from ?? 0,
  cpu,
  lost,
});
