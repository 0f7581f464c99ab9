import type { AttachedLateEvent, ReturnMissedEvent, UmapEvent } from '../event/events.gen.ts';
import type { Change, ChangeOf, Disassociation, Ufile } from '../timeline/model.ts';
import { Doubts } from './doubts.ts';
import { type RecordingFacts, unattached } from './facts.ts';
import type { Claim, Missing } from './finding.ts';
import type { Handlers } from './rule.ts';
import { counted, file } from './words.ts';

const EVER = Number.POSITIVE_INFINITY;
/** A program may be preempted between taking its number and its time; ns. */
const SLACK = 1e6;
/** Mismatches, and births that were missed, that are told one by one. */
const MOST = 5;

const LESS_LOAD =
  'record with umaptrace record (no live view) to a fast disk, on a machine that is less busy';

const FEWER_THREADS = 'record with fewer threads at a time in the functions that are traced';

/** What is kept of a ufile from before the trace that was disassociated: the whole of it would keep all that it held. */
interface Disassociated extends Pick<Ufile, 'id' | 'device'> {
  /** Ordinal of the event that disassociated it last. */
  readonly n: number;
}

/** Keeps what was missed while the events came: what makes a verdict inconclusive, and a finding doubtful. */
export class Ledger {
  readonly #doubts = new Doubts();
  readonly #missing: Missing[] = [];
  /** Lost events by CPU, as the gaps in the kernel side's counts show. */
  readonly #lost = new Map<number, number>();
  /** Ufiles from before the trace that were disassociated, by id, as they were last seen. */
  readonly #disassociated = new Map<string, Disassociated>();
  /** Ufiles from before the trace that have had a tracked VMA, by id: they may have others that were not read. */
  readonly #older = new Map<string, Disassociated>();
  /** Threads on which a removal or a reset was entered. */
  readonly #requests = new Set<number>();
  /** Time of the latest event, ns since the origin; minus infinity: there was none. */
  latest = Number.NEGATIVE_INFINITY;
  #mismatches = 0;
  #unborn = 0;
  #unseenReturns = 0;
  tracked = 0;
  disassociations = 0;
  /** Tracked VMAs that a disassociation came upon. */
  revocable = 0;

  /** Changes that it takes, before the rules do. */
  readonly on: Handlers = {
    gap: (change) => this.#gap(change),
    mismatch: (change) => this.#mismatch(change),
    'vma-born': (change) => this.#born(change),
    'disassociation-teardown': (change) => this.#began(change),
    'disassociation-zapping': (change) => this.#began(change),
    'disassociation-ended': ({ disassociation, event }) => this.#ended(disassociation, event),
  };

  /** What could explain a claim; null when nothing can. */
  doubt(claim: Claim, facts: RecordingFacts): string | null {
    if (facts.uncounted) return 'the kernel may have skipped runs of kprobes, which it does not count';
    const missed = Object.entries(facts.missed).find(([, count]) => count > 0);
    if (missed !== undefined) return `the kernel skipped runs of ${missed[0]}`;
    if (facts.unkept > 0) return `${counted(facts.unkept, 'return')} not told at moments that are not known`;
    const gaps = this.#gaps();
    if (facts.lost > gaps) return `${counted(facts.lost, 'event')} lost at moments that are not known`;
    // Where there is no end, the last line may have been cut: what it told is of that moment.
    const unread = facts.ended ? facts.unreadable : facts.unreadable - 1;
    if (unread > gaps) return `${counted(unread, 'line')} could not be read`;
    if (!facts.ended && claim.standing !== true && claim.until > this.latest - facts.tail)
      return 'the recording stops then, and may lack what other CPUs had to tell';
    return this.#doubts.explaining(claim)?.why ?? null;
  }

  missing(facts: RecordingFacts): Missing[] {
    const lost = [...this.#lost].map(([cpu, count]) => `${count} on CPU ${cpu}`);
    const sum = this.#gaps();
    if (sum > 0) this.#lack(`${counted(sum, 'event')} lost: ${lost.join(', ')}`, LESS_LOAD);
    else if (facts.lost > facts.unkept)
      this.#lack(`${counted(facts.lost - facts.unkept, 'event')} lost`, LESS_LOAD);
    if (this.#mismatches > MOST) {
      this.#lack(`${this.#mismatches - MOST} more events did not fit what was known`, LESS_LOAD);
    }
    if (this.#unseenReturns > MOST)
      this.#lack(`${this.#unseenReturns - MOST} more returns were not shown by the kernel`, FEWER_THREADS);
    if (this.#unborn > MOST)
      this.#lack(`the births of ${this.#unborn - MOST} more VMAs were not seen`, LESS_LOAD);
    const concerned = this.disassociations > 0 ? [...this.#older, ...this.#disassociated] : [];
    for (const ufile of new Map(concerned).values()) this.#whole(ufile, facts);
    return this.#missing;
  }

  /** Lost events, as the kernel side's counts show. */
  #gaps(): number {
    return [...this.#lost.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Takes the next event, before its changes. */
  event(event: UmapEvent, changes: readonly Change[]): void {
    const { ns } = event;
    if (ns < this.latest) {
      const why = `event ${event.n} came too late to be put in order`;
      this.#doubts.add({ from: ns, to: this.latest, ufile: null, why, n: event.n });
    } else this.latest = ns;
    switch (event.what) {
      case 'remove_begin':
      case 'reset_begin':
        this.#requests.add(event.tid);
        break;
      case 'remove_end':
      case 'reset_end':
        this.#returned(event);
        break;
      case 'return_missed':
        this.#missedReturn(event);
        break;
      case 'attached_late':
        this.#attachedLate(event);
        break;
      case 'zapping_end':
        this.#zappingEnded(event, changes);
        break;
      default:
    }
  }

  #zappingEnded(event: UmapEvent, changes: readonly Change[]): void {
    if (changes.some(({ what }) => what === 'disassociation-ended')) return;
    this.#lack(`event ${event.n}, the end of a zapping, came without its beginning`, LESS_LOAD, event);
  }

  #returned(event: UmapEvent): void {
    if (this.#requests.delete(event.tid)) return;
    const how = 'start the trace before the removal or reset';
    this.#lack(`event ${event.n}, the end of a removal or reset, came without its beginning`, how, event);
  }

  /** Functions of drivers say nothing about what is tracked. */
  #attachedLate({ module, ago, ns, n }: AttachedLateEvent): void {
    if (!module.startsWith('ib_')) return;
    const why = `${module} was loaded while the trace ran, and its functions were not traced at first`;
    this.#doubts.add({ from: ns - ago, to: ns, ufile: null, why, n });
    const how = 'load the modules before the trace';
    this.#missing.push({ rule: null, what: why, how, evidence: [n], decides: true });
  }

  #missedReturn(event: ReturnMissedEvent): void {
    const why = `the kernel did not show the return of ${event.function} in thread ${event.tid}`;
    this.#doubts.add({ from: event.ns - event.ago, to: event.ns, ufile: null, why, n: event.n });
    this.#unseenReturns += 1;
    if (this.#unseenReturns <= MOST) this.#lack(why, FEWER_THREADS, event);
  }

  #gap({ gap: { from, to, cpu, lost } }: ChangeOf<'gap'>): void {
    this.#lost.set(cpu, (this.#lost.get(cpu) ?? 0) + lost);
    const why = `${counted(lost, 'event')} lost on CPU ${cpu}`;
    const stretch = { from: from === null ? -EVER : from - SLACK, to: to === null ? EVER : to + SLACK };
    this.#doubts.add({ ...stretch, ufile: null, why, n: null });
  }

  #mismatch({ event, vma, message }: ChangeOf<'mismatch'>): void {
    const from = vma === null ? -EVER : vma.origin.event.ns;
    const why = `event ${event.n} does not fit what was known: ${message}`;
    this.#doubts.add({ from, to: event.ns, ufile: vma?.ufile.id ?? null, why, n: event.n, mismatch: true });
    this.#mismatches += 1;
    if (this.#mismatches <= MOST) this.#lack(why, LESS_LOAD, event);
  }

  /** A VMA that is heard of late although its ufile was opened in the trace: its birth was missed. */
  #born({ vma, event }: ChangeOf<'vma-born'>): void {
    if (vma.kind === 'io' && vma.tracked) this.tracked += 1;
    if (vma.tracked && vma.ufile.opened === null) {
      const { id, device } = vma.ufile;
      this.#older.set(id, { id, device, n: event.n });
    }
    if (vma.origin.cause !== 'snapshot' || vma.ufile.opened === null) return;
    const why = `the birth of ${vma.id} was not seen, although ${file(vma.ufile)} was opened in the trace`;
    const { ns: from } = vma.ufile.opened;
    this.#doubts.add({ from, to: event.ns, ufile: vma.ufile.id, why, n: event.n, mismatch: true });
    this.#unborn += 1;
    if (this.#unborn <= MOST) this.#lack(why, LESS_LOAD, event);
  }

  #began({ what, event, disassociation }: ChangeOf<'disassociation-teardown'>): void {
    const first = what === 'disassociation-teardown' || disassociation.teardown === null;
    if (first) this.disassociations += 1;
    for (const vma of disassociation.ufile.vmas) if (vma.tracked) this.revocable += 1;
    const { id, device, opened } = disassociation.ufile;
    if (opened === null) this.#disassociated.set(id, { id, device, n: event.n });
    if (!first) return;
    const how = 'start the trace before the removal or reset';
    if (disassociation.requested === null) {
      this.#lack(`the beginning of the request that made ${disassociation.id} was not seen`, how, event);
    }
    if (disassociation.kind === 'remove' && disassociation.teardown === null) {
      this.#lack(`the beginning of the teardown that made ${disassociation.id} was not seen`, how, event);
    }
  }

  /** Its zapping has a beginning and an end, or neither. */
  #ended({ id, zapping }: Disassociation, event: UmapEvent): void {
    const isWhole = (event.what === 'zapping_end') === (zapping !== null);
    if (isWhole) return;
    const what = zapping === null ? 'beginning' : 'end';
    this.#lack(`the ${what} of the zapping of ${id} was not seen`, LESS_LOAD, event);
  }

  /** Whether all VMAs of a disassociated ufile from before the trace can have been seen. */
  #whole(ufile: Disassociated, { probes }: RecordingFacts): void {
    const snapshot = unattached(probes, 'snapshot_vma');
    if (snapshot === null) return;
    const what = `${file(ufile)} was open before the trace began, and its VMAs of before were not read: ${snapshot}`;
    this.#lack(what, 'start the trace before the program', { n: ufile.n });
  }

  #lack(what: string, how: string, event?: Pick<UmapEvent, 'n'>): void {
    this.#missing.push({
      rule: null,
      what,
      how,
      evidence: event === undefined ? [] : [event.n],
      decides: true,
    });
  }
}
