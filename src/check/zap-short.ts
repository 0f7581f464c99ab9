import type { ZapEvent } from '../event/events.gen.ts';
import { has, VM_MIXEDMAP, VM_PFNMAP } from '../timeline/flags.ts';
import type { Change, Disassociation, Vma } from '../timeline/model.ts';
import type { Rule, RuleRun, Say } from './rule.ts';
import { at, beginning, counted, lasting, ordinals, place, run, who } from './words.ts';

type Zapped = Extract<Change, { what: 'vma-zapped' }>;
type Audited = Extract<Change, { what: 'vma-audited' }>;

/** What is wrong with a zap; null when it cleared the whole VMA. */
function shortcoming(event: ZapEvent): string | null {
  const { address, size, start, end, flags } = event;
  if (!has(flags, VM_PFNMAP | VM_MIXEDMAP)) {
    return `the VMA was not VM_PFNMAP (vm_flags 0x${flags}), so the zap did nothing`;
  }
  const bytes = `${size} bytes from 0x${address.toString(16)}, of its ${end - start} bytes from 0x${start.toString(16)}`;
  if (address < start || address + size > end) {
    return `it was asked for ${bytes}: a range that is not inside the VMA is not zapped at all`;
  }
  return address === start && size === end - start ? null : `it covered ${bytes}`;
}

class ZapShort implements RuleRun {
  readonly #say: Say;
  /** Zapped by this disassociation, as it seemed whole. */
  readonly #zapped = new Map<Vma, { readonly by: Disassociation; readonly event: ZapEvent }>();

  constructor(say: Say) {
    this.#say = say;
  }

  see(change: Change): void {
    if (change.what === 'vma-zapped') this.#zap(change);
    if (change.what === 'vma-audited') this.#audited(change);
    if (change.what === 'vma-ended') this.#zapped.delete(change.vma);
  }

  #zap({ vma, event, disassociation: by }: Zapped): void {
    if (by === null || event.what !== 'zap') return;
    const why = shortcoming(event);
    if (why === null) this.#zapped.set(vma, { by, event });
    else this.#found(vma, by, event, why, event.ns);
  }

  /** Page tables that map the device after a zap, whatever the zap looked like. */
  #audited({ vma, event, device, pages, delay }: Audited): void {
    const zapped = this.#zapped.get(vma);
    if (zapped === undefined || device === 0) return;
    this.#zapped.delete(vma);
    const why = `${device} of its ${counted(pages, 'page')} still map device memory ${lasting(delay)} after it`;
    this.#found(vma, zapped.by, zapped.event, why, event.ns, event.n);
  }

  #found(vma: Vma, by: Disassociation, event: ZapEvent, why: string, until: number, proof?: number): void {
    this.#say.found({
      message: `the zap of ${place(vma)} by ${run(by)}, at ${at(event.ns)} did not clear it: ${why}. ${who(vma.mm)} can still reach the device`,
      ufile: vma.ufile.id,
      vma: vma.id,
      evidence: [...ordinals(by.zapping, event), ...(proof === undefined ? [] : [proof])],
      since: beginning(by)?.ns ?? event.ns,
      until,
    });
  }
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
  lacks: null,
  example:
    'the zap of V1 (4 pages at 0x7f31c5a00000 of pid 312 (unplug)) by D1, the removal of rxe0, at +1.204602 s did not clear it: it covered 8192 bytes from 0x7f31c5a00000, of its 16384 bytes from 0x7f31c5a00000. pid 312 (unplug) can still reach the device',
  sees: ['vma-zapped', 'vma-audited', 'vma-ended'],
  start: (say) => new ZapShort(say),
};
