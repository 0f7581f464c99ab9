import type { UmapEvent } from '../event/events.gen.ts';
import type { Ufile, Vma } from '../timeline/model.ts';
import type { Handlers, Rule, RuleRun, Say } from './rule.ts';
import { counted, file, ordinals } from './words.ts';

/** Events that are named as evidence; the others are counted. */
const MOST = 20;

interface Managed {
  readonly first: UmapEvent;
  count: number;
  readonly evidence: number[];
}

class DriverManaged implements RuleRun {
  readonly #say: Say;
  readonly #managed = new Map<Ufile, Managed>();

  readonly on: Handlers = {
    'vma-born': ({ vma, event }) => {
      if (vma.kind === 'driver') this.#born(vma, event);
    },
    'ufile-freed': ({ ufile }) => this.#tell(ufile),
  };

  constructor(say: Say) {
    this.#say = say;
  }

  finish(): void {
    for (const ufile of [...this.#managed.keys()]) this.#tell(ufile);
  }

  #born({ ufile }: Vma, event: UmapEvent): void {
    const known = this.#managed.get(ufile);
    if (known === undefined) {
      this.#managed.set(ufile, { first: event, count: 1, evidence: ordinals(event) });
      return;
    }
    known.count += 1;
    if (known.evidence.length < MOST) known.evidence.push(event.n);
  }

  #tell(ufile: Ufile): void {
    const managed = this.#managed.get(ufile);
    if (managed === undefined) return;
    this.#managed.delete(ufile);
    const { first, count, evidence } = managed;
    this.#say.found({
      message: `${counted(count, 'VMA')} of ${file(ufile)} ${count === 1 ? 'is' : 'are'} managed by the driver: no disassociation can revoke ${count === 1 ? 'it' : 'them'}`,
      ufile: ufile.id,
      vma: null,
      evidence,
      since: first.ns,
      until: first.ns,
    });
  }
}

export const driverManaged: Rule = {
  name: 'driver-managed',
  severity: 'info',
  promise: 'Every VMA of a ufile can be revoked.',
  rationale:
    'A driver may map memory without rdma_user_mmap_io: all VMAs of rxe (rxe_mmap), those of siw, efa, qedr, rdmavt, the clock page of mlx5. They are on no list, so a disassociation leaves them alone. That is right for memory of the host, which outlives the device.',
  reserve: 'They are told once for each ufile.',
  needs: ['mmap'],
  example: '3 VMAs of U1 (rxe0) are managed by the driver: no disassociation can revoke them',
  start: (say) => new DriverManaged(say),
};
