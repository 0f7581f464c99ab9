/** What a trace amounts to, in numbers. */
import type { Footer, Header } from '../recording/format.ts';
import type { RecordingItem } from '../recording/item.ts';
import type { Change, Vma, VmaKind } from '../timeline/model.ts';

type Unreadable = Extract<RecordingItem, { kind: 'unreadable' }>;
/** Unreadable lines that are named; the others are counted. */
const MOST_NAMED = 20;
/** Where all goes well a line is told within so long, ns. */
const TOLD_WITHIN = 1e9;

export class Tally {
  header: Header | null = null;
  /** null: the recording was not ended in order. */
  footer: Footer | null = null;
  /** ns since boot of the last mark: the trace ran until then, even where the recording has no end. */
  marked: bigint | null = null;
  /** ns since boot when the trace was asked to end; null: it does not say. */
  asked: bigint | null = null;
  /** Whether bpftrace read one CPU's buffer after the other's. */
  #inTurn = false;
  /** Then: time of the oldest event that was told since the last mark, ns since the start. */
  #oldest = Number.POSITIVE_INFINITY;
  /** How far behind bpftrace was at the last mark, ns. */
  #behind = 0;
  /** Event lines read. */
  events = 0;
  /** Of those, how many some of the probes only told, while these were attached and detached: they are not on the timeline. */
  readonly unapplied = { before: 0, after: 0 };
  /** Time of the first and of the last event, ns since the start. */
  first: number | null = null;
  last: number | null = null;
  /** Events that came too late to be put in order. */
  late = 0;
  /** Lost as bpftrace told it. */
  told = 0;
  /** Of those, returns of calls that a map had no room for. */
  unkept = 0;
  /** Lost as the gaps in the kernel side's own counts show it. */
  missing = 0;
  unreadable = 0;
  readonly unreadableLines: Unreadable[] = [];
  readonly notes: string[] = [];
  /** Notes that are counted only. */
  moreNotes = 0;

  /** Returns that were not seen, by function. */
  readonly #returns = new Map<string, number>();

  ufiles = 0;
  /** VMAs that were tracked at birth, and those of drivers. */
  readonly vmas: Record<VmaKind, number> = { io: 0, driver: 0 };
  /** Device memory that nobody tracked at birth. */
  untracked = 0;
  /** VMAs that a disassociation zapped, each counted once. */
  zapped = 0;
  readonly #zapped = new WeakSet<Vma>();
  readonly touched: Record<'dummy' | 'sigbus' | 'oom', number> = { dummy: 0, sigbus: 0, oom: 0 };
  disassociations = 0;
  failedMmaps = 0;
  mismatches = 0;

  /** Events that are known to be lost. The kernel's counts also see what bpftrace did not tell, and the reverse. */
  get lost(): number {
    return Math.max(this.told, this.missing, this.footer?.lost ?? 0);
  }

  /**
   * Where the recording stops, the last of what a CPU told may be so much older than the last of another, ns. A buffer that all CPUs share
   * keeps their order; where each has its own bpftrace may have been seconds behind with one when it had told all of another.
   */
  get tail(): number {
    return Math.max(TOLD_WITHIN, this.#behind, this.#lag);
  }

  /** How long ago what was told since the last mark had happened, as far as the last mark tells; ns. */
  get #lag(): number {
    if (this.header === null || this.marked === null) return 0;
    return Number(this.marked - this.header.origin) - this.#oldest;
  }

  /** Until when everything was traced, as far as is known, ns since the origin. */
  get end(): number | null {
    const { header, footer, asked, marked, last } = this;
    const end = asked ?? footer?.boot ?? marked;
    if (header === null || end === null) return last;
    const ns = Number(end - header.origin);
    return asked === null ? Math.max(ns, last ?? 0) : ns;
  }

  /** Event lines that the recording's end counts and that are not in it. */
  get absent(): number {
    return Math.max(0, (this.footer?.events ?? 0) - this.events);
  }

  /** Whether the recording was ended in order, and read whole. */
  get complete(): boolean {
    return this.footer?.complete === true && this.unreadable === 0 && this.absent === 0;
  }

  /** Counts what a line of the recording says of the recording. */
  item(item: RecordingItem): void {
    switch (item.kind) {
      case 'header':
        this.header = item.header;
        this.#inTurn = (item.header.buffers?.count ?? 1) > 1;
        break;
      case 'footer':
        this.footer = item.footer;
        break;
      case 'event':
        this.events++;
        if (this.#inTurn && item.ns < this.#oldest && item.seq > 0) this.#oldest = item.ns;
        break;
      case 'mark':
        this.marked = item.mark.boot;
        if (item.mark.ending === true) this.asked ??= item.mark.boot;
        this.#behind = this.#lag;
        this.#oldest = Number.POSITIVE_INFINITY;
        break;
      case 'lost':
        this.told += item.count;
        if (item.map === true) this.unkept += item.count;
        break;
      case 'note':
        if (this.notes.length < MOST_NAMED) this.notes.push(item.text);
        else this.moreNotes++;
        break;
      case 'unreadable':
        this.unreadable++;
        if (this.unreadableLines.length < MOST_NAMED) this.unreadableLines.push(item);
        break;
      default:
    }
  }

  /** Runs that were missed, by function or kind of program: as the kernel counted them, and as missing returns show them. */
  get missed(): Record<string, number> {
    const all: Record<string, number> = { ...this.footer?.missed };
    for (const [name, count] of this.#returns) all[name] = (all[name] ?? 0) + count;
    return all;
  }

  /** Counts the time of an event, in order. */
  moment(ns: number): void {
    this.first ??= ns;
    this.last = ns;
  }

  /** Counts a return that was not seen. */
  returnMissed(name: string): void {
    this.#returns.set(name, (this.#returns.get(name) ?? 0) + 1);
  }

  /** Counts what an event did. */
  change(change: Change): void {
    switch (change.what) {
      case 'ufile-opened':
      case 'ufile-found':
        this.ufiles++;
        break;
      case 'vma-born':
        this.#born(change.vma);
        break;
      case 'vma-zapped':
        if (change.disassociation !== null) this.#zap(change.vma);
        break;
      case 'vma-touched':
        this.touched[change.outcome]++;
        break;
      case 'mmap-failed':
      case 'vma-stillborn':
        this.failedMmaps++;
        break;
      case 'disassociation-zapping':
        this.disassociations++;
        break;
      case 'mismatch':
        this.mismatches++;
        break;
      case 'gap':
        this.missing += change.gap.lost;
        break;
      default:
    }
  }

  #zap(vma: Vma): void {
    if (!this.#zapped.has(vma)) this.zapped++;
    this.#zapped.add(vma);
  }

  #born(vma: Vma): void {
    if (vma.kind === 'io' && !vma.tracked) this.untracked++;
    else this.vmas[vma.kind]++;
  }
}
