/** Gathers a whole timeline, for the forms that are written at its end. */
import type { Header } from '../recording/format.ts';
import type { Change, Disassociation, Ufile, Vma } from '../timeline/model.ts';
import { ZapWaits } from '../timeline/waits.ts';
import { changeJson, gapJson, headJson } from './change-json.ts';
import type { GapJson } from './change-schema.ts';
import { Clock } from './clock.ts';
import { auditJson, disassociationJson, ufileJson, vmaJson } from './object-json.ts';
import { recordingJson } from './recording-json.ts';
import type {
  FindingJson,
  HistoryJson,
  MissingJson,
  TimelineJson,
  UfileJson,
  Verdict,
  VmaJson,
  ZapJson,
} from './schema.ts';
import type { Selection } from './select.ts';
import type { Tally } from './tally.ts';
import { hex, pointer } from './values.ts';
import { JsonText, LazyList } from './write-json.ts';

/** What the rules say of a timeline; a null verdict: they were not applied. */
export interface Judgement {
  readonly findings: readonly FindingJson[];
  readonly verdict: Verdict | null;
  /** Evidence that a verdict would have needed. */
  readonly missing?: readonly MissingJson[];
}

/** No rules were applied. */
export const NOT_JUDGED: Judgement = { findings: [], verdict: null };

/** Histories, which are most of a timeline, are kept as the text that they will be; all else is made as it is written. */
type WrittenVma = Omit<VmaJson, 'history'> & { readonly history: readonly JsonText[] };
type WrittenUfile = Omit<UfileJson, 'vmas'> & { readonly vmas: LazyList<WrittenVma> };
export type WrittenTimeline = Omit<TimelineJson, 'ufiles'> & { readonly ufiles: LazyList<WrittenUfile> };

type Zapped = Extract<Change, { what: 'vma-zapped' }>;

/** Entry of a map of lists. */
function listOf<Key, Value>(lists: Map<Key, Value[]>, key: Key): Value[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const list: Value[] = [];
  lists.set(key, list);
  return list;
}

/** Takes changes as they come. The timeline's objects are live, so what they end as is read at the end. */
export class Collector {
  readonly #header: Header;
  readonly #clock: Clock;
  readonly #selection: Selection;
  readonly #ufiles = new Map<Ufile, Vma[]>();
  readonly #histories = new Map<Vma, JsonText[]>();
  /** The last one of each VMA that has any. */
  readonly #audits = new WeakMap<Vma, VmaJson['audit']>();
  readonly #disassociations = new Map<Disassociation, ZapJson[]>();
  readonly #gaps: GapJson[] = [];
  readonly #mismatches: TimelineJson['mismatches'] = [];
  readonly #waits = new ZapWaits();

  constructor(header: Header, selection: Selection) {
    this.#header = header;
    this.#clock = new Clock(header);
    this.#selection = selection;
  }

  add(change: Change): void {
    this.#selection.wants(change);
    if ('ufile' in change) listOf(this.#ufiles, change.ufile);
    if ('vma' in change && change.vma !== null) this.#vma(change.vma, change);
    if ('disassociation' in change) this.#zapping(change);
    if (change.what === 'gap') this.#gaps.push(gapJson(change, this.#clock));
    if (change.what === 'mismatch') this.#mismatch(change);
  }

  /** All that is asked for, with what the rules say of it. */
  timeline(tally: Tally, judgement: Judgement = NOT_JUDGED): WrittenTimeline {
    const selection = this.#selection;
    return {
      schema: 'umaptrace/timeline/1',
      recording: recordingJson(this.#header, tally),
      ufiles: new LazyList(() => this.#ufileJsons()),
      disassociations: [...this.#disassociations]
        .filter(([disassociation]) => selection.showsDisassociation(disassociation))
        .map(([disassociation, zaps]) => disassociationJson(disassociation, zaps, this.#clock)),
      gaps: this.#gaps,
      mismatches: this.#mismatches,
      findings: [...judgement.findings],
      verdict: judgement.verdict,
    };
  }

  #vma(vma: Vma, change: Extract<Change, { vma: Vma | null }>): void {
    if (!this.#histories.has(vma)) listOf(this.#ufiles, vma.ufile).push(vma);
    const entry: HistoryJson = { ...headJson(change.event, this.#clock), ...changeJson(change, this.#clock) };
    listOf(this.#histories, vma).push(new JsonText(entry));
    if (entry.what === 'vma-audited') this.#audits.set(vma, auditJson(entry));
  }

  *#ufileJsons(): Generator<WrittenUfile> {
    for (const [ufile, vmas] of this.#ufiles) {
      if (!this.#selection.showsUfile(ufile)) continue;
      yield ufileJson(ufile, new LazyList(() => this.#vmaJsons(vmas)), this.#clock);
    }
  }

  *#vmaJsons(vmas: readonly Vma[]): Generator<WrittenVma> {
    for (const vma of vmas) {
      if (!this.#selection.wantsVma(vma)) continue;
      const history = listOf(this.#histories, vma);
      yield vmaJson(vma, { history, audit: this.#audits.get(vma) ?? null }, this.#clock);
    }
  }

  #zapping(change: Extract<Change, { disassociation: Disassociation | null }>): void {
    const { disassociation } = change;
    if (disassociation === null) return;
    listOf(this.#disassociations, disassociation);
    if (change.what === 'disassociation-zapping') this.#waits.began(disassociation, change.event.ns);
    if (change.what === 'disassociation-ended') this.#waits.ended(disassociation);
    if (change.what === 'vma-zapped') this.#zap(change, disassociation);
  }

  #zap({ event, vma, address, size, duration }: Zapped, disassociation: Disassociation): void {
    listOf(this.#disassociations, disassociation).push({
      n: event.n,
      ns: this.#clock.boot(event.ns),
      vma: vma.id,
      mm: pointer(vma.mm.pointer),
      pid: vma.mm.pid,
      address: hex(address),
      size,
      duration,
      waited: this.#waits.zapped(disassociation, vma.mm, event.ns, duration),
    });
  }

  #mismatch({ event, vma, message }: Extract<Change, { what: 'mismatch' }>): void {
    this.#mismatches.push({ n: event.n, ns: this.#clock.boot(event.ns), vma: vma?.id ?? null, message });
  }
}
