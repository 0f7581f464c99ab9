import type { UmapEvent } from '../event/events.gen.ts';
import type { Change, Disassociation, Ufile, Vma } from '../timeline/model.ts';
import type { Rule, RuleRun, Say } from './rule.ts';
import { at, file, ordinals, place, run } from './words.ts';

type Of<What extends Change['what']> = Extract<Change, { what: What }>;

/** A umap whose VMA has been closed: copied, for there are many, and each VMA would keep all that it leads to. */
interface Closed {
  /** Kernel address of the VMA. */
  readonly pointer: string;
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly pid: number | null;
  readonly comm: string;
  /** Its birth, and its close. */
  readonly bornN: number;
  readonly bornNs: number;
  readonly n: number;
  readonly ns: number;
  /** Whether its thread has been seen to do something else since. */
  returned: boolean;
}

/** A close that began so long ago has taken its umap off the list; ns. */
const CLOSING = 1e9;

/** Closed umaps remembered for a ufile; the oldest are forgotten beyond it. */
const MOST = 10_000;

/** A close that has begun and not ended may still meet a disassociation, rightly: both hold the mmap_lock for reading. */
const hasEnded = ({ ns, returned }: Closed, { zapping }: Disassociation): boolean =>
  zapping !== null && ns < zapping.ns && (returned || zapping.ns - ns > CLOSING);

function closedUmap({ pointer, id, start, end, mm, origin }: Vma, { n, ns }: UmapEvent): Closed {
  const { pid, comm } = mm;
  const { n: bornN, ns: bornNs } = origin.event;
  return { pointer, id, start, end, pid, comm, bornN, bornNs, n, ns, returned: false };
}

class LeakedUmap implements RuleRun {
  readonly #say: Say;
  /** By ufile, then by the umap's address, until that is a new umap's. */
  readonly #closed = new Map<Ufile, Map<string, Closed>>();
  /** The last close of each thread, while it may not have returned. */
  readonly #closing = new Map<number, Closed>();

  constructor(say: Say) {
    this.#say = say;
  }

  see(change: Change): void {
    if (change.event !== null) this.#moveOn(change.event);
    switch (change.what) {
      case 'vma-born':
        this.#born(change);
        break;
      case 'vma-ended':
        this.#ended(change);
        break;
      case 'vma-stillborn':
        this.#stillborn(change);
        break;
      case 'vma-zapped':
        this.#zapped(change);
        break;
      case 'ufile-freed':
        this.#closed.delete(change.ufile);
        break;
      default:
    }
  }

  #moveOn({ tid, n }: UmapEvent): void {
    const closing = this.#closing.get(tid);
    if (closing === undefined || closing.n === n) return;
    closing.returned = true;
    this.#closing.delete(tid);
  }

  #born({ vma, event }: Of<'vma-born'>): void {
    if (event.what === 'mmap_io' || event.what === 'umap_open')
      this.#closed.get(vma.ufile)?.delete(event.umap);
  }

  #ended({ vma, event }: Of<'vma-ended'>): void {
    if (event.what === 'umap_close') this.#remember(vma, event.umap, event);
    if (event.what !== 'ufile_free' && event.what !== 'ufile_close') return;
    if (!vma.tracked || vma.origin.cause === 'snapshot') return;
    this.#say.found({
      message: `${place(vma)} was never closed, although ${file(vma.ufile)} was ${event.what === 'ufile_free' ? 'freed' : 'closed'} at ${at(event.ns)}: its umap points at memory that was given back`,
      ufile: vma.ufile.id,
      vma: vma.id,
      evidence: ordinals(vma.origin.event, event),
      since: vma.origin.event.ns,
      until: event.ns,
      fromMismatch: true,
    });
  }

  #remember(vma: Vma, umap: string, event: UmapEvent): void {
    if (umap === '0') return;
    const closed = this.#closed.get(vma.ufile) ?? new Map<string, Closed>();
    this.#closed.set(vma.ufile, closed);
    const close = closedUmap(vma, event);
    closed.set(umap, close);
    this.#closing.set(event.tid, close);
    if (this.#closing.size > MOST) this.#closing.clear();
    if (closed.size <= MOST) return;
    const [oldest] = closed.keys();
    if (oldest !== undefined) closed.delete(oldest);
  }

  #stillborn({ vma, event }: Of<'vma-stillborn'>): void {
    if (!vma.tracked) return;
    this.#say.found({
      message: `the mmap of ${place(vma)} failed at ${at(event.ns)} after rdma_user_mmap_io had made a umap of it: nobody will ever close it, and the umap points at memory that was given back`,
      ufile: vma.ufile.id,
      vma: vma.id,
      evidence: ordinals(vma.origin.event, event),
      since: vma.origin.event.ns,
      until: event.ns,
    });
  }

  /** A disassociation that comes upon a umap whose VMA has been closed. */
  #zapped({ vma, event, disassociation: by }: Of<'vma-zapped'>): void {
    if (by === null || event.what !== 'zap') return;
    const closed = this.#closed.get(vma.ufile)?.get(event.umap);
    if (closed?.pointer !== event.vma || !hasEnded(closed, by)) return;
    this.#say.found({
      message: `${run(by)}, came at ${at(event.ns)} upon the umap of ${place({ ...closed, mm: closed })}, which had been closed at ${at(closed.ns)}: the umap had stayed on the list of ${vma.ufile.id}, and points at memory that was given back`,
      ufile: vma.ufile.id,
      vma: vma.id,
      evidence: [closed.bornN, closed.n, event.n],
      since: closed.bornNs,
      until: event.ns,
      fromMismatch: true,
    });
  }
}

export const leakedUmap: Rule = {
  name: 'leaked-umap',
  severity: 'violation',
  promise:
    'Every VMA with a umap was closed before its ufile was freed, its umap went with it, and no umap stayed of an mmap that failed afterwards.',
  rationale:
    "A umap is made by rdma_umap_priv_init and given back in rdma_umap_close alone (4.20 on). One that stays on the ufile's list after its VMA is gone makes the next disassociation walk freed memory. The mm core calls the close of each VMA that lived. It calls none for an mmap that fails: a driver whose mmap fails after its rdma_user_mmap_io returned 0 leaves such a umap behind. A ufile is freed (ib_uverbs_release_file) when the last struct file reference is gone, and each VMA holds one.",
  reserve:
    'A disassociation may meet a umap whose close has begun (munmap closes under the mmap_lock held for reading): only a close that was over counts. A VMA that turns out to be gone in another way (a new VMA has its pointer or its address) is no violation but a mismatch: missing evidence. VMAs from before the trace do not count.',
  needs: ['mmap_io', 'mmap', 'umap_open', 'umap_close', 'ufile_open', 'ufile_close', 'ufile_free', 'zap'],
  lacks: null,
  example:
    'the mmap of V4 (1 page at 0x7f31c5c00000 of pid 312 (unplug)) failed at +0.700000 s after rdma_user_mmap_io had made a umap of it: nobody will ever close it, and the umap points at memory that was given back',
  sees: 'all',
  start: (say) => new LeakedUmap(say),
};
