import type { UmapEvent } from '../event/events.gen.ts';
import type { ChangeOf, Vma } from '../timeline/model.ts';
import type { Handlers, Rule, RuleRun, Say } from './rule.ts';
import { at, counted, place } from './words.ts';

type Touched = ChangeOf<'vma-touched'>;

/** Events that are named as evidence; the others are counted. */
const MOST = 20;

interface Touches {
  readonly first: UmapEvent;
  readonly address: number;
  readonly write: boolean;
  pages: number;
  readonly evidence: number[];
}

class TouchedAfterZap implements RuleRun {
  readonly #say: Say;
  readonly #touches = new Map<Vma, Touches>();

  readonly on: Handlers = {
    'vma-touched': (change) => {
      if (change.outcome === 'dummy') this.#touched(change);
    },
    'vma-ended': ({ vma }) => this.#tell(vma),
  };

  constructor(say: Say) {
    this.#say = say;
  }

  finish(): void {
    for (const vma of [...this.#touches.keys()]) this.#tell(vma);
  }

  #touched({ vma, event, address, write }: Touched): void {
    const known = this.#touches.get(vma);
    if (known === undefined) {
      this.#touches.set(vma, { first: event, address, write, pages: 1, evidence: [event.n] });
      return;
    }
    known.pages += 1;
    if (known.evidence.length < MOST) known.evidence.push(event.n);
  }

  #tell(vma: Vma): void {
    const touches = this.#touches.get(vma);
    if (touches === undefined) return;
    this.#touches.delete(vma);
    this.#say.found(() => findingOf(vma, touches));
  }
}

function findingOf(vma: Vma, { first, address, write, pages, evidence }: Touches) {
  const how = `${first.comm}[${first.pid}] ${write ? 'wrote to' : 'read'} 0x${address.toString(16)} first, at ${at(first.ns)}`;
  const by = vma.zappedBy === null ? '' : ` that ${vma.zappedBy} had revoked`;
  return {
    message: `${counted(pages, 'page')} of ${place(vma)}${by} ${pages === 1 ? 'was' : 'were'} touched and ${pages === 1 ? 'is' : 'are'} now the dummy page: ${how}`,
    ufile: vma.ufile.id,
    vma: vma.id,
    evidence,
    since: first.ns,
    until: first.ns,
  };
}

export const touchedAfterZap: Rule = {
  name: 'touched-after-zap',
  severity: 'info',
  promise: 'Nobody touched pages that had been revoked.',
  rationale:
    'The first touch of a revoked page comes to rdma_umap_fault (5.1 on), which maps a dummy page: reads give zeros, writes go nowhere. The program works with a device that is not there any more, and may not know.',
  reserve: 'Later touches of the same page make no event: these are pages first touched, not accesses.',
  needs: ['umap_fault'],
  example:
    '1 page of V1 (4 pages at 0x7f31c5a00000 of pid 312 (unplug)) that D1 had revoked was touched and is now the dummy page: unplug[312] read 0x7f31c5a00000 first, at +1.300000 s',
  start: (say) => new TouchedAfterZap(say),
};
