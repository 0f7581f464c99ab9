import type { UmapEvent } from '../event/events.gen.ts';
import { duration } from '../time-text.ts';
import type { ChangeOf, Disassociation, Mm } from '../timeline/model.ts';
import { LIMIT_NS, waitedFor } from '../timeline/standstill.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { ZapWaits } from '../timeline/waits.ts';
import type { Handlers, Rule, RuleRun, Say } from './rule.ts';
import { beginning, ordinals, run, who } from './words.ts';

/** How long the zapping of one ufile may take; ns. */
const ZAPPING_NS = 1e9;

interface Longest {
  readonly ns: number;
  readonly mm: Mm;
  readonly event: UmapEvent;
}

class SlowDisassociate implements RuleRun {
  readonly #say: Say;
  readonly #waits = new ZapWaits();
  readonly #longest = new Map<Disassociation, Longest>();

  readonly on: Handlers = {
    'disassociation-zapping': ({ disassociation, event }) => this.#waits.began(disassociation, event.ns),
    'disassociation-ended': ({ disassociation, event }) => this.#ended(disassociation, event),
    'vma-zapped': (change) => this.#zapped(change),
  };

  constructor(say: Say) {
    this.#say = say;
  }

  #zapped({ disassociation, event, vma, duration }: ChangeOf<'vma-zapped'>): void {
    if (disassociation === null) return;
    const { mm } = vma;
    const ns = this.#waits.zapped(disassociation, mm, event.ns, duration) ?? 0;
    const known = this.#longest.get(disassociation);
    if (known === undefined || ns > known.ns) this.#longest.set(disassociation, { ns, mm, event });
  }

  finish(timeline: Timeline, end: number): void {
    for (const disassociation of timeline.disassociations) {
      const first = disassociation.teardown ?? disassociation.zapping;
      if (first !== null && end - first.ns >= LIMIT_NS) this.#running(disassociation, first, end);
    }
  }

  #ended(disassociation: Disassociation, event: UmapEvent): void {
    const longest = this.#longest.get(disassociation);
    this.#longest.delete(disassociation);
    this.#waits.ended(disassociation);
    const { teardown, zapping } = disassociation;
    const begun = teardown ?? zapping ?? event;
    const zapTime = zapping === null ? 0 : event.ns - zapping.ns;
    if (event.ns - begun.ns < LIMIT_NS && zapTime < ZAPPING_NS) return;
    const before = zapping === null ? 0 : zapping.ns - begun.ns;
    const wait =
      longest === undefined || longest.ns < Math.max(zapTime, ZAPPING_NS) / 10
        ? ''
        : `: it waited ${duration(longest.ns)} for the mm of ${who(longest.mm)}`;
    const objects =
      before < ZAPPING_NS ? '' : ` after ${duration(before)} in which the objects were destroyed`;
    this.#tell(
      disassociation,
      `took ${duration(event.ns - begun.ns)}, ${duration(zapTime)} of it in zapping${objects}${wait}`,
      [begun, longest?.event, event],
    );
  }

  #running(disassociation: Disassociation, first: UmapEvent, end: number): void {
    const mms = waitedFor(disassociation).map(who).join(', ');
    const where =
      disassociation.zapping === null
        ? ', and destroys objects still'
        : `, and can be waiting for the mm of ${mms || 'a process that was not seen'}`;
    this.#tell(disassociation, `has not ended after ${duration(end - first.ns)}${where}`, [
      first,
      disassociation.zapping,
    ]);
  }

  #tell(disassociation: Disassociation, what: string, events: (UmapEvent | null | undefined)[]): void {
    const ns = beginning(disassociation)?.ns ?? 0;
    this.#say.found({
      message: `${run(disassociation)}, of ${disassociation.ufile.id} ${what}`,
      ufile: disassociation.ufile.id,
      vma: null,
      evidence: ordinals(...events),
      since: ns,
      until: ns,
    });
  }
}

export const slowDisassociate: Rule = {
  name: 'slow-disassociate',
  severity: 'warning',
  promise: `Each disassociation of a ufile took less than ${duration(LIMIT_NS)}, and its zapping less than ${duration(ZAPPING_NS)}.`,
  rationale:
    "uverbs_user_mmap_disassociate takes the mmap_lock of each mm in turn (5.10 to 7.3): one process with a busy mmap_lock holds up the removal, and every process after it keeps its access for as long. The time before an mm's first zap is the time that the disassociation waited for it. What comes before the zapping, the destruction of the ufile's objects, is the window in which mappings escape.",
  reserve: null,
  needs: ['zapping_begin', 'zapping_end', 'zap', 'teardown_begin'],
  example:
    'D1, the removal of rxe0, of U1 took 3.21 s, 3.20 s of it in zapping: it waited 3.19 s for the mm of pid 313 (busy)',
  start: (say) => new SlowDisassociate(say),
};
