import { duration } from '../time-text.ts';
import { type Holder, Holders } from '../timeline/holders.ts';
import type { Ufile } from '../timeline/model.ts';
import { LIMIT_NS, openOf, type Running, RunningRequests } from '../timeline/standstill.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { Handlers, Rule, RuleRun, Say } from './rule.ts';
import { at, counted, ordinals, who } from './words.ts';

/** `pid 312 (holder): fd 3, 1 VMA` */
function holding(holder: Holder): string {
  const { fds, vmas } = holder;
  const what = [...fds.map((fd) => `fd ${fd}`), ...(vmas === 0 ? [] : [counted(vmas, 'VMA')])];
  return `${who(holder)}: ${what.join(', ')}`;
}

class StuckRemove implements RuleRun {
  readonly #say: Say;
  readonly #holders = new Holders();
  readonly #running = new RunningRequests();

  readonly on: Handlers = {
    'disassociation-requested': (change) => this.#running.see(change),
    'disassociation-teardown': (change) => this.#running.see(change),
    'disassociation-zapping': (change) => this.#running.see(change),
    'disassociation-ended': (change) => this.#running.see(change),
    'disassociation-returned': (change) => this.#running.see(change),
    'vma-zapped': (change) => this.#running.see(change),
    'ufile-held': (change) => this.#holders.see(change),
    'ufile-closed': (change) => this.#holders.see(change),
    'ufile-freed': (change) => this.#holders.see(change),
  };

  constructor(say: Say) {
    this.#say = say;
  }

  finish(timeline: Timeline, end: number): void {
    for (const running of this.#running.all()) {
      if (running.kind === 'remove' && end - running.event.ns >= LIMIT_NS)
        this.#stuck(running, timeline, end);
    }
  }

  #stuck({ event, device }: Running, timeline: Timeline, end: number): void {
    const open = openOf(device, timeline.ufiles);
    const held =
      open.length === 0
        ? 'no ufile of it that is open was seen'
        : `${counted(open.length, 'ufile')} of it ${open.length === 1 ? 'is' : 'are'} open: ${open.map((ufile) => this.#heldBy(ufile, event.ns)).join('; ')}`;
    this.#say.found({
      message: `the removal of ${device ?? 'a device'} by ${who(event)}, begun at ${at(event.ns)}, had not ended ${duration(end - event.ns)} later, when the recording did; ${held}`,
      ufile: open.length === 1 ? (open[0]?.id ?? null) : null,
      vma: null,
      evidence: ordinals(event, ...open.map(({ opened }) => opened)),
      since: event.ns,
      until: event.ns,
    });
  }

  /** `U1 (held by pid 312 (holder): fd 3, 1 VMA; as seen at +3.000000 s)` */
  #heldBy(ufile: Ufile, since: number): string {
    const holders = this.#holders.of(ufile);
    const { listed } = this.#holders;
    const opener = ufile.opened === null ? 'open before the trace' : `opened by ${who(ufile.opened)}`;
    if (holders.length === 0) return `${ufile.id} (${opener})`;
    const seen = listed < since ? `; ${opener}` : `; as seen at ${at(listed)}`;
    return `${ufile.id} (held by ${holders.map(holding).join(' and by ')}${seen})`;
  }
}

export const stuckRemove: Rule = {
  name: 'stuck-remove',
  severity: 'warning',
  promise: `Every removal of a device ended, or had not yet lasted ${duration(LIMIT_NS)} when the recording did.`,
  rationale:
    'ib_uverbs_remove_one waits until every ufile of the device is closed when the driver has no disassociate_ucontext (rxe before 7.3): whoever removes the device then hangs in state D for as long as a program holds it open, with /dev/infiniband/uverbsN already gone. Seen on 6.12.',
  reserve:
    'No event tells of a descriptor that is passed on, inherited or closed while others are left, so umaptrace lists the descriptors of all processes when a removal has stood still for a while, and the holders are those of that moment. A descriptor on its way, in the queue of a socket, is held by nobody who could be named.',
  needs: ['remove_begin', 'remove_end', 'ufile_open', 'ufile_close'],
  example:
    'the removal of rxe0 by pid 320 (rdma), begun at +1.002000 s, had not ended 8.50 s later, when the recording did; 1 ufile of it is open: U1 (held by pid 312 (holder): fd 3, 1 VMA and by pid 313 (taker): fd 5; as seen at +3.104000 s)',
  start: (say) => new StuckRemove(say),
};
