import type { ChangeOf, Vma } from '../timeline/model.ts';
import type { Handlers, Rule, RuleRun, Say } from './rule.ts';
import { at, ordinals, place } from './words.ts';

type Touched = ChangeOf<'vma-touched'>;

class SigbusAfterZap implements RuleRun {
  readonly #say: Say;
  readonly #told = new WeakSet<Vma>();

  readonly on: Handlers = {
    'vma-touched': (change) => {
      if (change.outcome === 'sigbus') this.#touched(change);
    },
  };

  constructor(say: Say) {
    this.#say = say;
  }

  #touched({ vma, event, address, write }: Touched): void {
    if (this.#told.has(vma)) return;
    this.#told.add(vma);
    const did = `${event.comm}[${event.pid}] ${write ? 'wrote to' : 'read'} 0x${address.toString(16)} in ${place(vma)} at ${at(event.ns)} and got SIGBUS`;
    this.#say.found({
      severity: vma.tracked ? 'warning' : 'info',
      message: vma.tracked
        ? `${did} instead of a dummy page, although the VMA has a umap`
        : `${did}: the VMA has no umap, so there is no dummy page for it`,
      ufile: vma.ufile.id,
      vma: vma.id,
      evidence: ordinals(event),
      since: vma.origin.event.ns,
      until: event.ns,
    });
  }
}

export const sigbusAfterZap: Rule = {
  name: 'sigbus-after-zap',
  severity: 'warning',
  promise: 'No touch of a VMA that has a umap got SIGBUS.',
  rationale:
    'rdma_umap_fault (5.1 on) gives a page of zeros in place of the device memory that was revoked, so that a program that polls a doorbell survives the loss of its device. It gives SIGBUS to a VMA without a umap, and when there is no memory for the page.',
  reserve:
    'SIGBUS for a VMA without a umap (copied by fork after a removal) is what the kernel does, and is told as info. Only the first of each VMA is told: it usually kills the process.',
  needs: ['umap_fault'],
  example:
    'unplug[313] wrote to 0x7f31c5a01000 in V3 (4 pages at 0x7f31c5a00000 of pid 313 (unplug)) at +1.300100 s and got SIGBUS instead of a dummy page, although the VMA has a umap',
  start: (say) => new SigbusAfterZap(say),
};
