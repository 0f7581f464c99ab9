import type { UmapEvent } from '../event/events.gen.ts';
import { duration } from '../time-text.ts';
import { Holders } from '../timeline/holders.ts';
import type { ChangeOf, Disassociation, Mm } from '../timeline/model.ts';
import { LIMIT_NS, waitedFor } from '../timeline/standstill.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { Handlers, Rule, RuleRun, Say } from './rule.ts';
import { at, beginning, ordinals, run, who } from './words.ts';

type Stack = ChangeOf<'stack-seen'>;

/** Functions that wait for a lock. Most are left out of /proc/PID/stack, as all of the scheduler's (in_sched_functions). */
const LOCKING = /^(?:__)?(?:mutex_lock|rwsem_down|down_read|down_write|mmap_read_lock|schedule)/;
/** They run under the mmap_lock of their process, held for writing, and want the lock that a disassociation holds. */
const UNDER_MMAP_LOCK = ['ib_uverbs_mmap', 'rdma_umap_open'] as const;

/** Whether a thread stands in a function that waits for nothing but a lock. */
function waitsIn(frames: readonly string[], name: string): boolean {
  const depth = frames.indexOf(name);
  return depth >= 0 && frames.slice(0, depth).every((frame) => LOCKING.test(frame));
}

/** The thread that disassociates, and one that it waits for and that waits for it. */
interface Inversion {
  readonly disassociating: Stack;
  readonly other: Stack;
  readonly inside: (typeof UNDER_MMAP_LOCK)[number];
}

const isInside = ({ frames }: Stack): boolean => UNDER_MMAP_LOCK.some((name) => frames.includes(name));

class LockInversion implements RuleRun {
  readonly #say: Say;
  readonly #holders = new Holders();
  /** Where each thread was seen to stand, if it has told no event since: it stands there still. */
  readonly #stacks = new Map<number, Stack>();

  readonly on: Handlers = {
    'ufile-held': (change) => this.#holders.see(change),
    'ufile-closed': (change) => this.#holders.see(change),
    'ufile-freed': (change) => this.#holders.see(change),
    'stack-seen': (change) => this.#stacks.set(change.event.tid, change),
  };

  constructor(say: Say) {
    this.#say = say;
  }

  event({ seq, tid }: UmapEvent): void {
    if (this.#stacks.size > 0 && seq > 0) this.#stacks.delete(tid);
  }

  finish(timeline: Timeline, end: number): void {
    for (const disassociation of timeline.disassociations) {
      const { zapping } = disassociation;
      if (zapping === null || end - zapping.ns < LIMIT_NS) continue;
      const inversion = this.#inversion(disassociation, zapping.tid);
      if (inversion === null) this.#undecided(disassociation, end);
      else this.#convict(disassociation, inversion, end);
    }
  }

  #inversion(disassociation: Disassociation, tid: number): Inversion | null {
    const disassociating = this.#stacks.get(tid);
    if (disassociating === undefined) return null;
    if (!waitsIn(disassociating.frames, 'uverbs_user_mmap_disassociate')) return null;
    const mms = waitedFor(disassociation);
    for (const other of this.#stacks.values()) {
      const mm = mms.find(({ pid }) => pid === other.event.pid);
      const inside = UNDER_MMAP_LOCK.find((name) => waitsIn(other.frames, name));
      if (mm === undefined || inside === undefined) continue;
      if (!this.#isOfThisUfile(inside, mm, disassociation)) continue;
      if (this.#hasLock(disassociation, other)) return { disassociating, other, inside };
    }
    return null;
  }

  /**
   * Whether the disassociation has the lock that the other thread wants: it has zapped already, or nobody else can have
   * it, since of all who hold the ufile open no other thread is inside an mmap or umap_open.
   */
  #hasLock(disassociation: Disassociation, other: Stack): boolean {
    const { zaps, ufile } = disassociation;
    if (zaps > 0) return true;
    if (!this.#isListed(disassociation)) return false;
    const stacks = [...this.#stacks.values()];
    if (stacks.some((stack) => stack !== other && isInside(stack))) return false;
    const seen = new Set(stacks.map(({ event }) => event.pid));
    return this.#holders.of(ufile).every(({ pid }) => pid !== null && seen.has(pid));
  }

  /** Whether descriptors were listed since its zapping began: who holds what is known of then. */
  #isListed({ zapping }: Disassociation): boolean {
    return zapping !== null && this.#holders.listed >= zapping.ns;
  }

  /** A stack does not tell which ufile it is about: it is this one when the process has no other. */
  #isOfThisUfile(inside: Inversion['inside'], mm: Mm, disassociation: Disassociation): boolean {
    const { ufile } = disassociation;
    if (inside === 'rdma_umap_open') return [...mm.vmas].every((vma) => vma.ufile === ufile);
    return this.#isListed(disassociation) && this.#holders.onlyOf(mm.pid, ufile);
  }

  #convict(disassociation: Disassociation, { disassociating, other, inside }: Inversion, end: number): void {
    const { zapping } = disassociation;
    const since = zapping?.ns ?? end;
    this.#say.found({
      message: `${run(disassociation)}, has stood still in its zapping for ${duration(end - since)} and will not end: ${who(disassociating.event)} waits in uverbs_user_mmap_disassociate for the mmap_lock of ${who(other.event)}, which holds it in ${inside} and waits there for the disassociation of ${disassociation.ufile.id}, as seen at ${at(other.event.ns)}`,
      ufile: disassociation.ufile.id,
      vma: null,
      evidence: ordinals(beginning(disassociation), zapping, disassociating.event, other.event),
      since,
      until: end,
      standing: true,
    });
  }

  #undecided(disassociation: Disassociation, end: number): void {
    const { zapping } = disassociation;
    const mms = waitedFor(disassociation).map(who).join(', ') || 'no process that the recording knows';
    this.#say.lacked({
      what: `${run(disassociation)}, has stood still in its zapping for ${duration(end - (zapping?.ns ?? end))}; it can be waiting for the mm of ${mms}. No stack shows who holds that lock, and what for`,
      how: 'while it stands: cat /proc/PID/stack of the process named and of the one that removes or resets',
      evidence: ordinals(beginning(disassociation), zapping),
    });
  }
}

export const lockInversion: Rule = {
  name: 'lock-inversion',
  severity: 'violation',
  promise:
    "No disassociation stands still for good in its wait for an mm's lock, held by a thread that waits, in mmap or umap_open of the same ufile, for the disassociation.",
  rationale:
    "uverbs_user_mmap_disassociate takes the ufile's disassociation_lock and then, for each mm, its mmap_lock. ib_uverbs_mmap and rdma_umap_open run under the mmap_lock, held for writing, and want disassociation_lock: in 6.12-era kernels, for a reset, which stops neither of them before, each side can hold what the other wants. A removal is safe: mmap is kept out by SRCU, and rdma_umap_open only tries hw_destroy_rwsem.",
  reserve: `A wait that ended is not one, however long it was (slow-disassociate tells it): of two threads that each hold what the other wants, neither ends. So this looks at a disassociation that has stood in its zapping for ${duration(LIMIT_NS)} when the recording ends. The proof is two kernel stacks, read while it stood still: the thread that disassociates waits for a lock in uverbs_user_mmap_disassociate, and a thread of a process that it has yet to zap waits for a lock in ib_uverbs_mmap or rdma_umap_open, and has told no return of it since; and the disassociation has zapped already, or no other thread of those who hold the ufile open is in the like. A stack does not name the ufile: the process must have VMAs (for rdma_umap_open) or descriptors (for ib_uverbs_mmap) of no other. Without that proof there is no finding, but missing evidence.`,
  needs: ['reset_begin', 'zapping_begin', 'zapping_end'],
  example:
    'D1, the reset of rxe0, has stood still in its zapping for 12.0 s and will not end: pid 314 (reset) waits in uverbs_user_mmap_disassociate for the mmap_lock of pid 312 (forker), which holds it in rdma_umap_open and waits there for the disassociation of U1, as seen at +3.104000 s',
  start: (say) => new LockInversion(say),
};
