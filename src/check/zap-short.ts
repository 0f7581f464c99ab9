import type { ZapEvent } from '../event/events.gen.ts';
import { duration } from '../time-text.ts';
import { has, VM_MIXEDMAP, VM_PFNMAP } from '../timeline/flags.ts';
import type { ChangeOf, Disassociation, Vma } from '../timeline/model.ts';
import type { Handlers, Rule, RuleRun, Say } from './rule.ts';
import { at, beginning, counted, ordinals, place, run, who } from './words.ts';

type Zapped = ChangeOf<'vma-zapped'>;
type Audited = ChangeOf<'vma-audited'>;

/** What is wrong with a zap; null when it cleared the whole VMA. */
function shortcoming({ address, size, start, end, flags }: ZapEvent): string | null {
  if (!has(flags, VM_PFNMAP | VM_MIXEDMAP)) {
    return `the VMA was not VM_PFNMAP (vm_flags 0x${flags}), so the zap did nothing`;
  }
  if (address === start && size === end - start) return null;
  const asked = `${size} bytes from 0x${address.toString(16)}`;
  const all = `${end - start} bytes from 0x${start.toString(16)}`;
  if (address < start || address + size > end) {
    return `it was asked for ${asked}, and the VMA has ${all}: a range that is not inside the VMA is not zapped at all`;
  }
  return `it covered ${asked}, of the VMA's ${all}`;
}

/** A zap by a disassociation. */
interface Zap {
  readonly by: Disassociation;
  readonly event: ZapEvent;
  /** What is wrong with it; null: nothing that can be seen of it. */
  readonly why: string | null;
}

class ZapShort implements RuleRun {
  readonly #say: Say;
  /** The last of each VMA that lives, and that nothing was found wrong with. */
  readonly #zaps = new Map<Vma, Zap>();

  readonly on: Handlers = {
    'vma-zapped': (change) => this.#zapped(change),
    'vma-audited': (change) => this.#settle(change.vma, change),
    'vma-ended': ({ vma }) => this.#settle(vma, null),
  };

  constructor(say: Say) {
    this.#say = say;
  }

  finish(): void {
    for (const vma of [...this.#zaps.keys()]) this.#settle(vma, null);
  }

  #zapped({ vma, event, disassociation: by }: Zapped): void {
    if (by === null || event.what !== 'zap') return;
    this.#settle(vma, null);
    this.#zaps.set(vma, { by, event, why: shortcoming(event) });
  }

  /** Page tables that map the device after a zap convict it, whatever it looked like. */
  #settle(vma: Vma, audit: Audited | null): void {
    const zap = this.#zaps.get(vma);
    const saysNothing = audit !== null && audit.device === 0 && zap?.why === null;
    if (saysNothing) return; // a later reading may
    this.#zaps.delete(vma);
    const mapped = audit === null ? 0 : audit.device;
    if (zap === undefined || (zap.why === null && mapped === 0)) return;
    const { by, event, why } = zap;
    const reasons = why === null ? [] : [why];
    if (audit !== null && mapped > 0) {
      reasons.push(
        `${mapped} of its ${counted(audit.pages, 'page')} still map device memory ${duration(audit.delay)} after it`,
      );
    }
    this.#say.found({
      message: `the zap of ${place(vma)} by ${run(by)}, at ${at(event.ns)} did not clear it: ${reasons.join('; ')}. ${reach(vma, audit)}`,
      ufile: vma.ufile.id,
      vma: vma.id,
      evidence: ordinals(by.zapping, event, mapped > 0 ? audit?.event : null),
      since: beginning(by)?.ns ?? event.ns,
      until: mapped > 0 && audit !== null ? audit.event.ns : event.ns,
    });
  }
}

/** What a process can do after a zap that did not clear its VMA. */
function reach({ mm }: Vma, audit: Audited | null): string {
  if (audit === null || (audit.unknown > 0 && audit.device === 0))
    return `${who(mm)} may still reach the device`;
  return audit.device > 0
    ? `${who(mm)} can still reach the device`
    : `All the same, ${duration(audit.delay)} after it no page of ${who(mm)} mapped the device`;
}

export const zapShort: Rule = {
  name: 'zap-short',
  severity: 'violation',
  promise:
    'Each zap of a disassociation covered the whole of the VMA, as it was then, and the VMA was one that can be zapped.',
  rationale:
    'uverbs_user_mmap_disassociate zaps vm_start to vm_end (zap_vma_ptes to 7.0, zap_special_vma_range from 7.1). Both return void, and do nothing, in silence, when the range is not inside the VMA or the VMA is not VM_PFNMAP (or VM_MIXEDMAP, from 7.1). The range and the flags are those of the VMA while it was zapped, so this rule does not depend on what was seen of it before. Where the page tables were walked afterwards, they have the last word.',
  reserve: 'The zaps of rdma_umap_open are not meant: they belong to no disassociation.',
  needs: ['zap', 'zapping_begin', 'zapping_end'],
  example:
    "the zap of V1 (4 pages at 0x7f31c5a00000 of pid 312 (unplug)) by D1, the removal of rxe0, at +1.204602 s did not clear it: it covered 8192 bytes from 0x7f31c5a00000, of the VMA's 16384 bytes from 0x7f31c5a00000; 2 of its 4 pages still map device memory 12.0 ms after it. pid 312 (unplug) can still reach the device",
  start: (say) => new ZapShort(say),
};
