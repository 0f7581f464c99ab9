import type { UmapCloseEvent, UmapEvent, ZapEvent } from '../event/events.gen.ts';
import type { ChangeOf, Disassociation, Vma } from '../timeline/model.ts';
import { nameOf } from '../timeline/vma.ts';
import type { Handlers, Rule, RuleRun, Say } from './rule.ts';
import { at, file, ordinals, place, run } from './words.ts';

/** A close that began so long ago has taken its umap off the list; ns. */
const CLOSING = 1e9;

/** Closed umaps that are remembered; the oldest are forgotten beyond it. */
const MOST = 30_000;

/** Threads are told apart by so many places; a close that is pushed out of its place counts only when it is {@link CLOSING} old. */
const PLACES = 1 << 12;

/** A umap whose VMA has been closed: what is told of it is copied, for the VMA would keep all that it leads to. */
class Closed {
  ufile = '';
  /** Kernel addresses of the umap and of the VMA. */
  umap = '';
  pointer = '';
  ordinal = 0;
  start = 0;
  end = 0;
  pid: number | null = null;
  comm = '';
  /** Its birth, and its close. */
  bornN = 0;
  bornNs = 0;
  n = 0;
  ns = 0;
  /** The thread that closed it, and whether that has been seen to do something else since. */
  tid = 0;
  returned = false;

  become(
    { ordinal, pointer, start, end, ufile, mm, origin }: Vma,
    { umap, n, ns, tid }: UmapCloseEvent,
  ): void {
    this.ufile = ufile.id;
    this.umap = umap;
    this.pointer = pointer;
    this.ordinal = ordinal;
    this.start = start;
    this.end = end;
    this.pid = mm.pid;
    this.comm = mm.comm;
    this.bornN = origin.event.n;
    this.bornNs = origin.event.ns;
    this.n = n;
    this.ns = ns;
    this.tid = tid;
    this.returned = false;
  }

  /** A close that has begun and not ended may still meet a disassociation, rightly: both hold the mmap_lock for reading. */
  hasEnded({ zapping }: Disassociation): boolean {
    return zapping !== null && this.ns < zapping.ns && (this.returned || zapping.ns - this.ns > CLOSING);
  }
}

/**
 * The last umaps whose VMAs were closed. There are as many as munmaps, and hardly any is ever asked for: so they are
 * looked through one by one, and the oldest becomes the newest.
 */
class ClosedUmaps {
  readonly #all: Closed[] = [];
  #next = 0;

  /** A VMA with a umap was closed. */
  add(vma: Vma, event: UmapCloseEvent): Closed {
    const closed = this.#all[this.#next] ?? new Closed();
    this.#all[this.#next] = closed;
    this.#next = (this.#next + 1) % MOST;
    closed.become(vma, event);
    return closed;
  }

  /** The last close of a VMA of that ufile, at that address and with that umap. */
  last(ufile: string, { vma, umap }: ZapEvent): Closed | undefined {
    let last: Closed | undefined;
    for (const closed of this.#all) {
      const matches = closed.umap === umap && closed.pointer === vma && closed.ufile === ufile;
      if (matches && (last === undefined || closed.n > last.n)) last = closed;
    }
    return last;
  }
}

class LeakedUmap implements RuleRun {
  readonly #say: Say;
  readonly #closed = new ClosedUmaps();
  /** The last close of each thread: of one of those that share a place. */
  readonly #closing = new Array<Closed | undefined>(PLACES).fill(undefined);
  /** The threads whose last close may not have returned, each at its place; 0 for none. */
  readonly #inside = new Int32Array(PLACES);

  readonly on: Handlers = {
    'vma-ended': (change) => this.#ended(change),
    'vma-stillborn': (change) => this.#stillborn(change),
    'vma-zapped': (change) => this.#zapped(change),
    'umap-kept': (change) => this.#kept(change),
  };

  constructor(say: Say) {
    this.#say = say;
  }

  event({ seq, tid }: UmapEvent): void {
    if (seq === 0) return; // told of the thread, not by it
    const place = tid % PLACES;
    if (this.#inside[place] !== tid) return;
    this.#inside[place] = 0;
    const closing = this.#closing[place];
    if (closing !== undefined) closing.returned = true;
  }

  #ended({ vma, event }: ChangeOf<'vma-ended'>): void {
    if (event.what === 'umap_close' && event.umap !== '0') this.#remember(vma, event);
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

  /** Its umap was still on the list when the close returned. */
  #kept({ vma, event }: ChangeOf<'umap-kept'>): void {
    const { ended } = vma;
    this.#say.found({
      message: `${place(vma)} was closed at ${at(ended?.ns ?? event.ns)}, and its umap stayed on the list of ${vma.ufile.id}: it points at memory that was given back, and the next disassociation walks it`,
      ufile: vma.ufile.id,
      vma: vma.id,
      evidence: ordinals(vma.origin.event, ended, event),
      since: ended?.ns ?? event.ns,
      until: event.ns,
    });
  }

  #remember(vma: Vma, event: UmapCloseEvent): void {
    const place = event.tid % PLACES;
    this.#closing[place] = this.#closed.add(vma, event);
    this.#inside[place] = event.tid;
  }

  #stillborn({ vma, event }: ChangeOf<'vma-stillborn'>): void {
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

  /** A disassociation that comes upon a umap whose VMA has been closed, and is therefore one that nobody has heard of. */
  #zapped({ vma, event, disassociation: by }: ChangeOf<'vma-zapped'>): void {
    const isNew = vma.origin.event === event && vma.origin.cause === 'snapshot';
    if (by === null || event.what !== 'zap' || !isNew) return;
    const closed = this.#closed.last(vma.ufile.id, event);
    if (closed === undefined || !closed.hasEnded(by)) return;
    this.#say.found({
      message: `${run(by)}, came at ${at(event.ns)} upon the umap of ${place({ ...closed, id: nameOf(closed.ordinal), mm: closed })}, which had been closed at ${at(closed.ns)}: the umap had stayed on the list of ${vma.ufile.id}, and points at memory that was given back`,
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
    "A umap is made by rdma_umap_priv_init and given back in rdma_umap_close alone (4.20 on). One that stays on the ufile's list after its VMA is gone makes the next disassociation walk freed memory, and zap whatever range it reads there: seen on 6.12 with a close that left it, the kernel crashed before the zap returned. So when the close of a VMA returns, no neighbour in the list may point at a umap of this VMA. The mm core calls the close of each VMA that lived. It calls none for an mmap that fails: a driver whose mmap fails after its rdma_user_mmap_io returned 0 leaves such a umap behind. A ufile is freed (ib_uverbs_release_file) when the last struct file reference is gone, and each VMA holds one.",
  reserve:
    'A disassociation may meet a umap whose close has begun (munmap closes under the mmap_lock held for reading): only a close that was over counts. A VMA that turns out to be gone in another way (a new VMA has its pointer or its address) is no violation but a mismatch: missing evidence. VMAs from before the trace do not count. Where umap_kept could not be traced, a umap that outlives its VMA is convicted when a disassociation comes upon it.',
  needs: ['mmap_io', 'mmap', 'umap_open', 'umap_close', 'ufile_open', 'ufile_close', 'ufile_free', 'zap'],
  example:
    'the mmap of V4 (1 page at 0x7f31c5c00000 of pid 312 (unplug)) failed at +0.700000 s after rdma_user_mmap_io had made a umap of it: nobody will ever close it, and the umap points at memory that was given back',
  start: (say) => new LeakedUmap(say),
};
