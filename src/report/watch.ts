/** Warns while a trace runs: of a removal or a reset that stands still, with who holds it up; and when it has ended. */

import { duration } from '../time-text.ts';
import { Holders } from '../timeline/holders.ts';
import type { Change, Disassociation, Ufile } from '../timeline/model.ts';
import { LIMIT_NS, openOf, type Running, RunningRequests, waitedFor } from '../timeline/standstill.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { escapeText } from './escape.ts';
import { actor, owner, process } from './names.ts';
import { counted } from './values.ts';

/** When one has stood still for so long, holders and stacks are looked at: before the limit, so that they are known then. */
const LOOK_NS = 1.5e9;
/** What a look told is in the timeline so long after it was given out. */
const SETTLE_NS = 0.5e9;
/** A look is waited for so long beyond the limit. */
const PATIENCE_NS = 4.5e9;

/** Whose stacks are wanted. */
export interface Suspects {
  /** The thread that removes or resets, and its process. */
  readonly pid: number;
  readonly tid: number;
  /** Processes whose mm it can be waiting for. */
  readonly pids: readonly number[];
  /** Whether who holds ufiles open matters too. */
  readonly holders: boolean;
}

export interface WatchOptions {
  readonly warn: (text: string) => void;
  /** Looks at who holds ufiles open and where threads stand; resolves when that has been given out as events. */
  readonly look: (suspects: Suspects) => Promise<void>;
}

/** What was done about one. */
interface State {
  /** When a look was answered, ns; null while it runs, undefined before it. */
  answered?: number | null;
  /** Whether it was warned of, and with what a look told. */
  warned: 'not' | 'early' | 'fully';
  /** The last event that showed it get on. */
  last: Running['last'];
}

const title = ({ kind, device, event }: Running): string =>
  `the ${kind === 'reset' ? 'reset' : 'removal'} of ${device === null ? 'a device' : escapeText(device)} by ${actor(event)}`;

function waiting(disassociation: Disassociation): string {
  const { id, ufile, zapping } = disassociation;
  if (zapping === null) return `${id} destroys the objects of ${ufile.id}`;
  const mms = waitedFor(disassociation).map(owner).join(' or of ') || 'a process that was not seen';
  return `${id}, of ${ufile.id}, waits for the mm of ${mms}`;
}

export class Watch {
  readonly #options: WatchOptions;
  readonly #running = new RunningRequests();
  readonly #holders = new Holders();
  readonly #states = new Map<Running, State>();
  #now = Number.NEGATIVE_INFINITY;
  /** A look is under way: there is one at a time. */
  #looking = false;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Takes the next change. */
  readonly see = (change: Change): void => {
    this.#holders.see(change);
    const ended = this.#running.see(change);
    if (ended === undefined || change.event === null) return;
    const warned = this.#states.get(ended)?.warned ?? 'not';
    this.#states.delete(ended);
    if (warned !== 'not')
      this.#say(`${title(ended)} ended after ${duration(change.event.ns - ended.event.ns)}`);
  };

  /** To be called a few times a second. @param now ns since the recording's origin */
  tick(now: number, timeline: Timeline): void {
    this.#now = now;
    for (const running of this.#running.all()) this.#check(running, timeline);
  }

  #check(running: Running, timeline: Timeline): void {
    const state = this.#stateOf(running);
    const still = this.#now - running.last.ns;
    if (still >= LOOK_NS && state.answered === undefined && !this.#looking) this.#look(running, state);
    if (still < LIMIT_NS || state.warned === 'fully') return;
    const { answered } = state;
    const needsHolders = running.current === null && running.kind === 'remove';
    const knows = !needsHolders || (typeof answered === 'number' && this.#now - answered >= SETTLE_NS);
    if (!knows && (state.warned === 'early' || still < LIMIT_NS + PATIENCE_NS)) return;
    state.warned = knows ? 'fully' : 'early';
    this.#warn(running, timeline);
  }

  /** It got on since: whoever holds it up now is to be looked at again. */
  #stateOf(running: Running): State {
    const known = this.#states.get(running);
    if (known?.last === running.last) return known;
    const state: State = { warned: known?.warned ?? 'not', last: running.last };
    this.#states.set(running, state);
    return state;
  }

  #look({ current, event }: Running, state: State): void {
    state.answered = null;
    this.#looking = true;
    const mms = current?.zapping ? waitedFor(current) : [];
    const pids = mms.flatMap(({ pid }) => (pid === null ? [] : [pid]));
    const answered = (): void => {
      this.#looking = false;
      state.answered = this.#now;
    };
    const holders = current === null || current.zapping !== null;
    const suspects = { pid: event.pid, tid: event.tid, pids: [...new Set(pids)], holders };
    void this.#options.look(suspects).then(answered, answered);
  }

  #warn(running: Running, timeline: Timeline): void {
    const { current, last } = running;
    const lines = current === null ? this.#heldOpen(running, timeline) : [waiting(current)];
    this.#say(
      [`${title(running)} has stood still for ${duration(this.#now - last.ns)}`, ...lines].join('\n  '),
    );
  }

  #heldOpen({ kind, device }: Running, { ufiles }: Timeline): string[] {
    if (kind === 'reset') return ['it waits for a lock of the device or of a ufile'];
    const open = openOf(device, ufiles);
    if (open.length === 0) return ['no ufile of it that is open was seen'];
    return open.map((ufile) => `${ufile.id} is open: ${this.#heldBy(ufile)}`);
  }

  #heldBy(ufile: Ufile): string {
    const holders = this.#holders.of(ufile);
    if (holders.length === 0) {
      return ufile.opened === null ? 'since before the trace' : `opened by ${actor(ufile.opened)}`;
    }
    return holders
      .map(({ pid, comm, fds, vmas }) => {
        const what = [...fds.map((fd) => `fd ${fd}`), ...(vmas === 0 ? [] : [counted(vmas, 'VMA')])];
        return `${process(comm, pid)} holds ${what.join(', ')}`;
      })
      .join('; ');
  }

  #say(text: string): void {
    this.#options.warn(`umaptrace: ${text}\n`);
  }
}
