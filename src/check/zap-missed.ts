import type { UmapEvent } from '../event/events.gen.ts';
import { duration } from '../time-text.ts';
import type { ChangeOf, Disassociation, DisassociationKind, Mm, Vma } from '../timeline/model.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { aliveIn, type Sign } from './alive.ts';
import { LeftVmas } from './left.ts';
import type { Handlers, Rule, RuleRun, Say } from './rule.ts';
import { Unreached } from './unreached.ts';
import { at, auditFailure, beginning, counted, ordinals, place, run, who } from './words.ts';

/** How long after a disassociation the close of an mm that was dying in it may come; ns. */
const DYING = 0.25e9;

interface Due {
  readonly vmas: Set<Vma>;
  /** The first zap that it made in each mm. */
  readonly mms: Map<Mm, UmapEvent>;
}

/** What should have zapped a VMA: a disassociation of its ufile, or a removal or reset that never came to that. */
interface Skipping {
  /** `D1`, `the removal of rxe0` */
  readonly id: string;
  /** `D1, the removal of rxe0` */
  readonly name: string;
  readonly begun: UmapEvent | null;
  readonly ended: UmapEvent;
  /** Whether it came to the VMA's ufile: there it may skip an mm that is dying. */
  readonly came: boolean;
}

const requestName = (kind: DisassociationKind, device: string | null): string =>
  `the ${kind === 'reset' ? 'reset' : 'removal'} of ${device ?? 'a device'}`;

class ZapMissed implements RuleRun {
  readonly #say: Say;
  /** Zapped by some disassociation, which took their umap off the ufile's list. */
  readonly #revoked = new Set<Vma>();
  readonly #due = new Map<Disassociation, Due>();
  /** Neither zapped nor closed when the disassociation ended, and not known to be alive since. */
  readonly #left = new LeftVmas<Skipping>();
  readonly #unreached = new Unreached();
  /** The last audit that failed. */
  #failed: ChangeOf<'audit-failed'> | null = null;

  readonly on: Handlers = {
    'disassociation-requested': (change) => this.#unreached.requested(change),
    'disassociation-returned': (change) => this.#returned(change),
    'ufile-freed': ({ ufile }) => this.#unreached.freed(ufile),
    'disassociation-teardown': ({ disassociation, event }) => this.#begin(disassociation, event),
    'disassociation-zapping': ({ disassociation, event }) => this.#begin(disassociation, event),
    'disassociation-ended': ({ disassociation, event }) => this.#ended(disassociation, event),
    'audit-failed': (change) => {
      this.#failed = change;
    },
    'vma-audited': (change) => this.#audited(change),
    'vma-born': (change) => {
      this.#unreached.born(change.vma);
      this.#later(change);
    },
    'vma-touched': (change) => this.#later(change),
    'mmap-failed': (change) => this.#later(change),
    'vma-zapped': (change) => {
      this.#later(change);
      this.#zapped(change);
    },
    'vma-stillborn': (change) => {
      this.#later(change);
      this.#gone(change.vma);
    },
    'vma-ended': (change) => {
      this.#later(change);
      this.#closed(change);
      this.#gone(change.vma);
    },
  };

  constructor(say: Say) {
    this.#say = say;
  }

  finish(timeline: Timeline): void {
    for (const [vma, by] of this.#left.all()) this.#undecided(vma, by);
    const open = timeline.disassociations;
    for (const { begun, kind, name } of this.#unreached.unreturned()) {
      if (open.some(({ requested }) => requested === begun)) continue;
      this.#say.lacked({
        what: `${requestName(kind, name)}, which began at ${at(begun.ns)}, had not returned when the recording ended, and may still have had to come to a ufile`,
        how: 'record until the removal or reset has returned',
        evidence: ordinals(begun),
      });
    }
    for (const disassociation of open) {
      this.#say.lacked({
        what: `${run(disassociation)}, had not ended when the recording did`,
        how: 'record until the removal or reset has returned',
        evidence: ordinals(beginning(disassociation)),
      });
    }
  }

  #begin(disassociation: Disassociation, event: UmapEvent): void {
    this.#unreached.reached(disassociation, event);
    const { ns } = event;
    const vmas = new Set<Vma>();
    for (const vma of disassociation.ufile.vmas)
      if (vma.tracked && vma.origin.event.ns < ns && !this.#revoked.has(vma)) vmas.add(vma);
    this.#due.set(disassociation, { vmas, mms: new Map() });
  }

  #zapped({ vma, event, disassociation }: ChangeOf<'vma-zapped'>): void {
    if (disassociation === null) return;
    this.#revoked.add(vma);
    for (const { vmas } of this.#due.values()) vmas.delete(vma);
    const due = this.#due.get(disassociation);
    if (due?.mms.has(vma.mm) === false) due.mms.set(vma.mm, event);
  }

  #ended(disassociation: Disassociation, event: UmapEvent): void {
    const due = this.#due.get(disassociation);
    this.#due.delete(disassociation);
    const { id, zapping, teardown } = disassociation;
    const by = { id, name: run(disassociation), begun: zapping ?? teardown, ended: event, came: true };
    for (const vma of due?.vmas ?? []) {
      const sibling = due?.mms.get(vma.mm);
      if (vma.origin.cause === 'snapshot' || sibling === undefined)
        this.#left.add(vma, this.#left.get(vma) ?? by);
      else this.#convict(vma, by, sibling, 'other VMAs of the same process were zapped', event.ns);
    }
  }

  /** A removal or reset is over: what it never came to is left. */
  #returned(change: ChangeOf<'disassociation-returned'>): void {
    const skipped = this.#unreached.returned(change);
    if (skipped === null) return;
    const { event, kind, device } = change;
    const id = requestName(kind, device);
    for (const vma of skipped.vmas) {
      const by = {
        id,
        name: `${id}, which never came to ${vma.ufile.id}`,
        begun: skipped.begun,
        ended: event,
        came: false,
      };
      if (!this.#revoked.has(vma) && !this.#left.has(vma)) this.#left.add(vma, by);
    }
  }

  #gone(vma: Vma): void {
    if (this.#due.size > 0) for (const { vmas } of this.#due.values()) vmas.delete(vma);
    this.#revoked.delete(vma);
  }

  /** Whether what happened later proves that an mm was alive that a disassociation had skipped. */
  #later(change: Sign): void {
    if (!this.#left.waits) return;
    const alive = aliveIn(change);
    if (alive === null) return;
    for (const [vma, by] of this.#left.in(alive)) {
      this.#convict(vma, by, change.event, 'its process lived on', change.event.ns);
    }
  }

  #audited({ vma, event, device, unknown, pages, delay }: ChangeOf<'vma-audited'>): void {
    const by = this.#left.get(vma);
    if (by === undefined) {
      if (device > 0 && vma.tracked && !this.#revoked.has(vma)) this.#unexplained(vma, event, device);
      return;
    }
    const proof = `${device} of its ${counted(pages, 'page')} still map device memory ${duration(delay)} after it`;
    if (device > 0) this.#convict(vma, by, event, proof, event.ns);
    else if (unknown === 0) this.#left.delete(vma);
  }

  #closed({ vma, event }: ChangeOf<'vma-ended'>): void {
    const by = this.#left.get(vma);
    if (by === undefined) return;
    this.#left.delete(vma);
    const dying = by.came && 'users' in event && event.users === 0 && event.ns - by.ended.ns < DYING;
    if (!dying) this.#undecided(vma, by);
  }

  /** Page tables map the device although no zap was due: mapped or copied while it was disassociated. */
  #unexplained(vma: Vma, event: UmapEvent, device: number): void {
    this.#say.lacked({
      what: `${counted(device, 'page')} of ${place(vma)} map device memory after a disassociation of ${vma.ufile.id}, and why it was not zapped was not seen`,
      how: 'start the trace before the program, and record without losing events',
      evidence: ordinals(vma.origin.event, event),
    });
  }

  #undecided(vma: Vma, { id, begun, ended }: Skipping): void {
    this.#left.delete(vma);
    const { event, cause } = vma.origin;
    const old = cause === 'snapshot';
    const failed = this.#failed === null ? '' : `; ${auditFailure(this.#failed)}`;
    this.#say.lacked({
      what: old
        ? `${place(vma)} is older than the trace and was not zapped by ${id}: an earlier reset may have revoked it${failed}`
        : `${place(vma)} was neither zapped nor closed in ${id}, and nothing shows whether its process was still alive then${failed}`,
      how: old
        ? 'start the trace before the program, and do not turn the audit off'
        : 'do not turn the audit off, and record until the process has ended',
      evidence: ordinals(event, begun, ended),
    });
  }

  #convict(vma: Vma, { name, begun, ended }: Skipping, proof: UmapEvent, why: string, until: number): void {
    this.#left.delete(vma);
    this.#revoked.add(vma);
    const { ufile } = vma;
    this.#say.found({
      message: `${place(vma)} was not zapped by ${name}, which ended at ${at(ended.ns)}: ${why}. ${who(vma.mm)} can still reach the device`,
      ufile: ufile.id,
      vma: vma.id,
      evidence: ordinals(vma.origin.event, begun, proof, ended).sort((a, b) => a - b),
      since: vma.origin.event.ns,
      until: Math.max(until, ended.ns),
    });
  }
}

export const zapMissed: Rule = {
  name: 'zap-missed',
  severity: 'violation',
  promise:
    'Every VMA that was tracked when a disassociation began to zap, and that no earlier one had revoked, was zapped or closed when it ended; and a removal or reset came to every ufile of its device that had one.',
  rationale: `uverbs_user_mmap_disassociate (4.20 on) empties the ufile's list of umaps: it takes one mm after the other, and zaps every VMA of it that is on the list. A umap gets on the list in rdma_umap_priv_init, from rdma_user_mmap_io (mmap) or rdma_umap_open (fork, split, mremap), and off it in rdma_umap_close or in a disassociation, so each VMA is zapped by one disassociation at most. A VMA that is skipped still maps the device after the driver was told that nothing does. An mm that is dying (mmget_not_zero fails) is skipped in silence, rightly: nobody runs in it any more.`,
  reserve: `A skipped VMA is a violation only when its mm is proven to have lived on: another VMA of the same mm was zapped by the same disassociation, a process used the mm afterwards (fault, mmap, mremap, fork, a close with mm_users above 0), or the page tables still map the device. It is nothing when the whole mm was gone within ${duration(DYING)}; else it is missing evidence. So is a VMA from before the trace: an earlier reset may have taken its umap off the list, which nothing shows. A ufile that a removal or reset never came to counts as its device's when it has the same device number as one that it, or an earlier request of the same device, did come to; while a removal goes on beside a reset that is not asked. A request that has not returned by the end of the recording may still have to come to a ufile.`,
  needs: [
    'mmap_io',
    'umap_open',
    'umap_close',
    'zap',
    'remove_begin',
    'remove_end',
    'reset_begin',
    'reset_end',
    'teardown_begin',
    'zapping_begin',
    'zapping_end',
  ],
  example:
    'V2 (4 pages at 0x7f31c5a00000 of pid 313 (unplug)) was not zapped by D1, the removal of rxe0, which ended at +1.254720 s: its process lived on. pid 313 (unplug) can still reach the device',
  start: (say) => new ZapMissed(say),
};
