import type { UmapEvent } from '../event/events.gen.ts';
import { duration } from '../time-text.ts';
import type { ChangeOf, Disassociation, Ufile, Vma } from '../timeline/model.ts';
import type { Handlers, Rule, RuleRun, Say } from './rule.ts';
import { at, auditFailure, beginning, counted, ordinals, place, run, who } from './words.ts';

/** A VMA that nobody tracks and that may map device memory. */
interface Suspect {
  /** The umap_open that returned without a umap, of it or of an ancestor; of a stranger, what it was first heard of by. */
  readonly dropped: UmapEvent;
  /** It is from before the trace, or a copy of such a one: whether it ever had a umap was not seen. */
  readonly stranger: boolean;
  /** How it came to be. */
  readonly story: string;
  /** A disassociation of its ufile in its life: the first that has ended, or else the last that began. */
  disassociation: Disassociation | null;
  /** Its page tables map the device; its copies are suspects still. */
  proven: boolean;
}

const HOW: Record<Vma['origin']['cause'], string> = {
  fork: 'fork',
  mremap: 'mremap',
  split: 'a split',
  mmap: 'mmap',
  snapshot: 'a copy',
};

/** Whether rdma_umap_open dropped the umap of a copy whose page table entries come later. */
const dropsUmap = ({ event, vma }: ChangeOf<'vma-born'>): boolean =>
  event.what === 'umap_open' &&
  event.umap === '0' &&
  event.inherited !== '0' &&
  vma.origin.cause !== 'split' &&
  vma.state !== 'zapped';

/** Whether it is a copy without a umap of something that is not known for sure. */
const isUnsure = ({ vma: { kind, tracked, state, origin } }: ChangeOf<'vma-born'>): boolean =>
  kind === 'io' && !tracked && state === 'unknown' && (origin.cause === 'fork' || origin.cause === 'mremap');

/** What a page table entry of x86-64 says, in words. */
function entryText(entry: string): string {
  if (entry === '0') return '';
  const bits = BigInt(`0x${entry}`);
  const hidden = (bits & 1n) === 0n;
  const frame = ((hidden ? ~bits : bits) & 0x000f_ffff_ffff_f000n) >> 12n;
  return ` (entry 0x${entry}, pfn 0x${frame.toString(16)}${hidden ? ', hidden by PROT_NONE' : ''})`;
}

/** Whether it is from before the trace, without a umap, and may be device memory. */
const isStranger = ({ vma: { kind, tracked, state, origin } }: ChangeOf<'vma-born'>): boolean =>
  kind === 'io' && !tracked && state === 'unknown' && origin.cause === 'snapshot';

class Escaped implements RuleRun {
  readonly #say: Say;
  readonly #suspects = new Map<Vma, Suspect>();
  /** Disassociations that have not ended. */
  readonly #running = new Map<Ufile, Disassociation>();
  /** The last audit that failed. */
  #failed: ChangeOf<'audit-failed'> | null = null;

  readonly on: Handlers = {
    'vma-born': (change) => this.#born(change),
    'disassociation-teardown': ({ disassociation }) => this.#began(disassociation),
    'disassociation-zapping': ({ disassociation }) => this.#began(disassociation),
    'disassociation-ended': ({ disassociation }) => this.#running.delete(disassociation.ufile),
    'vma-audited': (change) => this.#audited(change),
    'audit-failed': (change) => {
      this.#failed = change;
    },
    'vma-ended': (change) => this.#ended(change),
  };

  constructor(say: Say) {
    this.#say = say;
  }

  finish(): void {
    for (const [vma, suspect] of this.#suspects) this.#unproven(vma, suspect);
  }

  #born(change: ChangeOf<'vma-born'>): void {
    const { vma, parent, event } = change;
    const inherited = parent === null || vma.tracked ? undefined : this.#suspects.get(parent);
    const isDropped = dropsUmap(change) || isUnsure(change);
    if (inherited === undefined && !isDropped && !isStranger(change)) return;
    const running = this.#running.get(vma.ufile) ?? null;
    const copied = `${vma.id} was made by ${HOW[vma.origin.cause]} of ${parent?.id ?? 'an unknown VMA'} at ${at(event.ns)}`;
    const phase = running?.kind === 'reset' ? 'zapping' : 'teardown';
    const inside = running === null ? '' : `, inside the ${phase} of ${running.id}`;
    this.#suspects.set(vma, {
      dropped: inherited?.dropped ?? event,
      stranger: inherited?.stranger ?? !isDropped,
      story:
        inherited === undefined
          ? `${copied}${inside}: rdma_umap_open returned without a umap, and the page table entries came after its zap`
          : `${copied}; ${inherited.story}`,
      disassociation: running ?? inherited?.disassociation ?? null,
      proven: false,
    });
  }

  #began(disassociation: Disassociation): void {
    this.#running.set(disassociation.ufile, disassociation);
    if (this.#suspects.size === 0) return;
    for (const vma of disassociation.ufile.vmas) {
      const suspect = this.#suspects.get(vma);
      const isWithout = suspect !== undefined && (suspect.disassociation?.ended ?? null) === null;
      if (isWithout) suspect.disassociation = disassociation;
    }
  }

  #audited(change: ChangeOf<'vma-audited'>): void {
    const { vma, device, unknown } = change;
    const suspect = this.#suspects.get(vma);
    if (suspect === undefined) {
      if (device > 0 && !vma.tracked) this.#doubt(change);
      return;
    }
    const isClear = device === 0 && unknown === 0;
    if (isClear || vma.ram === true) this.#suspects.delete(vma);
    else if (device > 0 && !suspect.proven) {
      suspect.proven = true;
      if (suspect.stranger) this.#doubt(change);
      else this.#convict(change, suspect);
    }
  }

  #convict({ vma, event, device, pages, entry, delay }: ChangeOf<'vma-audited'>, suspect: Suspect): void {
    const { disassociation } = suspect;
    const after = disassociation === null ? 'the disassociation' : run(disassociation);
    const since = disassociation === null ? suspect.dropped : (beginning(disassociation) ?? suspect.dropped);
    this.#say.found({
      message: `${who(vma.mm)} can still reach the device: ${device} of ${counted(pages, 'page')} of ${place(vma)} map device memory${entryText(entry)}, ${duration(delay)} after the end of ${after}. ${suspect.story}`,
      ufile: vma.ufile.id,
      vma: vma.id,
      evidence: ordinals(suspect.dropped, vma.origin.event, event),
      since: Math.min(since.ns, suspect.dropped.ns),
      until: event.ns,
    });
  }

  /** Device memory in a VMA without umap of which it is not known whose copy it is. */
  #doubt({ vma, event, device }: ChangeOf<'vma-audited'>): void {
    this.#say.lacked({
      what: `${place(vma)} has ${counted(device, 'page')} of device memory and no umap, and whose copy it is was not seen`,
      how: 'start the trace before the program',
      evidence: ordinals(vma.origin.event, event),
    });
  }

  #ended({ vma, event }: ChangeOf<'vma-ended'>): void {
    const suspect = this.#suspects.get(vma);
    if (suspect === undefined) return;
    this.#suspects.delete(vma);
    const ended = suspect.disassociation?.ended ?? null;
    if (ended !== null && ended.ns <= event.ns) this.#unproven(vma, suspect);
  }

  #unproven(vma: Vma, { dropped, stranger, story, disassociation, proven }: Suspect): void {
    if (disassociation === null || proven) return;
    const failed = this.#failed;
    const why =
      failed === null ? 'no page tables were read, or they could not be understood' : auditFailure(failed);
    const evidence = ordinals(dropped, vma.origin.event, disassociation.ended, failed?.event);
    if (!stranger) {
      this.#say.found({
        severity: 'warning',
        message: `${who(vma.mm)} may still reach the device through ${place(vma)} after ${run(disassociation)}: no page tables were read that could tell. ${story}`,
        ufile: vma.ufile.id,
        vma: vma.id,
        evidence,
        since: dropped.ns,
        until: dropped.ns,
      });
    }
    const old = stranger ? ', which has no umap and is, or is a copy of one, from before the trace,' : '';
    this.#say.lacked({
      what: `whether ${place(vma)}${old} still maps device memory after ${disassociation.id}: ${why}`,
      how: 'do not turn the audit off (umaptrace doctor says whether this kernel allows it), and let the process live until it is done',
      evidence,
    });
  }
}

export const escaped: Rule = {
  name: 'escaped',
  severity: 'violation',
  promise:
    'No VMA whose rdma_umap_open returned without a umap, although its parent had one, still maps device memory after the disassociation; nor does any VMA that was copied from it.',
  rationale:
    'uverbs_destroy_ufile_hw holds hw_destroy_rwsem for writing while it destroys the objects of the ufile, which can take seconds, and only then zaps. An rdma_umap_open in that window fails its trylock, drops the umap and zaps the new VMA. But the new VMA has no page table entries yet: mremap moves them afterwards (all kernels), fork copies them afterwards (kernels in which fork links the VMA first: 6.9 on). They are live, tracked by nobody, and never zapped. Seen on 6.1.192 (mremap), 6.12.107 and 7.3.4 (both). In 7.2 and 7.3 a reset holds the same lock, and waits for one process after the other: seen on 7.3.4 (fork). A copy without memory for a umap goes the same way. The proof is a walk of the page tables after the disassociation (docs/architecture.md, "The audit"): entries with bit 9, which remap_pfn_range sets, and the frames that rdma_user_mmap_io was given, present or hidden by PROT_NONE.',
  reserve:
    "Without that proof it is a warning, and missing evidence. A VMA split off in the window is clear: its entries are there when it is zapped. So is a copy of a VMA that had been zapped already. A VMA from before the trace that has the flags of device memory and no umap may have escaped, or may be a mapping of the driver's own: unless its page tables are clear, or map System RAM, that is missing evidence.",
  needs: ['umap_open', 'umap_close', 'teardown_begin', 'zapping_begin', 'zapping_end'],
  example:
    'pid 259 (race-fork) can still reach the device: 4 of 4 pages of V2 (4 pages at 0x7f31c5a00000 of pid 259 (race-fork)) map device memory (entry 0x80000000fd000237, pfn 0xfd000), 12.0 ms after the end of D1, the removal of rxe0. V2 was made by fork of V1 at +1.100000 s, inside the teardown of D1: rdma_umap_open returned without a umap, and the page table entries came after its zap',
  start: (say) => new Escaped(say),
};
