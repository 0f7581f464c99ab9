import type { UmapEvent } from '../event/events.gen.ts';
import type { Change, Ufile } from '../timeline/model.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { Rule, RuleRun, Say } from './rule.ts';
import { LIMIT_NS } from './standing.ts';
import { at, counted, lasting, ordinals, who } from './words.ts';

interface Removal {
  readonly event: UmapEvent;
  readonly device: string | null;
}

/** Who is known to hold a ufile open: who opened it, and whose VMAs it has. */
function holders(ufile: Ufile, held: Iterable<string>): string {
  const names = new Set<string>(held);
  if (ufile.opened !== null) names.add(`opened by ${who(ufile.opened)}`);
  for (const { mm } of ufile.vmas) names.add(`mapped by ${who(mm)}`);
  return `${ufile.id} (${[...names].join(', ') || 'open before the trace'})`;
}

class StuckRemove implements RuleRun {
  readonly #say: Say;
  /** Who had a ufile open when the trace began. */
  readonly #held = new Map<Ufile, Set<string>>();
  /** Removals that have not returned, by thread. */
  readonly #removals = new Map<number, Removal>();

  constructor(say: Say) {
    this.#say = say;
  }

  see(change: Change): void {
    if (change.what === 'disassociation-requested' && change.kind === 'remove') {
      this.#removals.set(change.event.tid, { event: change.event, device: change.device });
    } else if (change.what === 'ufile-held') {
      const held = this.#held.get(change.ufile) ?? new Set();
      this.#held.set(change.ufile, held.add(`held open by ${who(change.event)}`));
    } else if (change.what === 'ufile-freed') {
      this.#held.delete(change.ufile);
    } else if (change.what === 'disassociation-returned') {
      this.#removals.delete(change.event.tid);
    }
  }

  finish(timeline: Timeline, end: number): void {
    for (const removal of this.#removals.values()) {
      if (end - removal.event.ns >= LIMIT_NS) this.#stuck(removal, timeline, end);
    }
  }

  #stuck({ event, device }: Removal, timeline: Timeline, end: number): void {
    const open = timeline.ufiles.filter(
      (ufile) =>
        ufile.closed === null && (device === null || ufile.device === null || ufile.device === device),
    );
    const held =
      open.length === 0
        ? 'no ufile of it that is open was seen'
        : `${counted(open.length, 'ufile')} of it ${open.length === 1 ? 'is' : 'are'} open: ${open.map((ufile) => holders(ufile, this.#held.get(ufile) ?? [])).join('; ')}`;
    this.#say.found({
      message: `the removal of ${device ?? 'a device'} by ${who(event)}, begun at ${at(event.ns)}, had not ended ${lasting(end - event.ns)} later, when the recording did; ${held}`,
      ufile: open.length === 1 ? (open[0]?.id ?? null) : null,
      vma: null,
      evidence: ordinals(event, ...open.map(({ opened }) => opened)),
      since: event.ns,
      until: event.ns,
    });
  }
}

export const stuckRemove: Rule = {
  name: 'stuck-remove',
  severity: 'warning',
  promise: `Every removal of a device ended, or had not yet lasted ${lasting(LIMIT_NS)} when the recording did.`,
  rationale:
    'ib_uverbs_remove_one waits until every ufile of the device is closed when the driver has no disassociate_ucontext (rxe before 7.3): whoever removes the device then hangs in state D for as long as a program holds it open, with /dev/infiniband/uverbsN already gone. Seen on 6.12.',
  reserve:
    'The holders named are those that the recording shows: who opened each ufile that is still open, and whose VMAs it has. A file descriptor that was passed on, or that a child got by fork, makes no event.',
  needs: ['remove_begin', 'remove_end', 'ufile_open', 'ufile_close'],
  lacks:
    'who holds a file descriptor that was passed on: fuser /dev/infiniband/uverbsN, while it is there, and /proc/PID/fd tell',
  example:
    'the removal of rxe0 by pid 320 (rdma), begun at +1.002000 s, had not ended 8.50 s later, when the recording did; 1 ufile of it is open: U1 (opened by pid 312 (holder))',
  sees: ['disassociation-requested', 'disassociation-returned', 'ufile-held', 'ufile-freed'],
  start: (say) => new StuckRemove(say),
};
