import { constants } from 'node:os';
import type { UmapEvent } from '../event/events.gen.ts';
import type { Ufile } from '../timeline/model.ts';
import type { Handlers, Rule, RuleRun, Say } from './rule.ts';
import { at, counted, file, ordinals } from './words.ts';

/** Events that are named as evidence; the others are counted. */
const MOST = 20;

const NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

interface Failures {
  readonly first: UmapEvent;
  readonly errno: number;
  count: number;
  readonly evidence: number[];
}

class MapFailed implements RuleRun {
  readonly #say: Say;
  /** Of each ufile, by process and errno. */
  readonly #failures = new Map<Ufile, Map<string, Failures>>();

  readonly on: Handlers = {
    'mmap-failed': ({ ufile, event, errno }) => this.#failed(ufile, event, errno),
    'vma-stillborn': ({ vma, event, errno }) => this.#failed(vma.ufile, event, errno),
    'ufile-freed': ({ ufile }) => this.#tell(ufile),
  };

  constructor(say: Say) {
    this.#say = say;
  }

  finish(): void {
    for (const ufile of [...this.#failures.keys()]) this.#tell(ufile);
  }

  #failed(ufile: Ufile, event: UmapEvent, errno: number): void {
    const of = this.#failures.get(ufile) ?? new Map<string, Failures>();
    this.#failures.set(ufile, of);
    const key = `${event.pid} ${errno}`;
    const known = of.get(key);
    if (known === undefined) {
      of.set(key, { first: event, errno, count: 1, evidence: ordinals(event) });
      return;
    }
    known.count += 1;
    if (known.evidence.length < MOST) known.evidence.push(event.n);
  }

  #tell(ufile: Ufile): void {
    const failures = this.#failures.get(ufile);
    if (failures === undefined) return;
    for (const each of failures.values()) this.#say.found(() => findingOf(ufile, each));
    this.#failures.delete(ufile);
  }
}

function findingOf(ufile: Ufile, { first, errno, count, evidence }: Failures) {
  const name = NAMES.get(Math.abs(errno)) ?? `errno ${errno}`;
  return {
    message: `${counted(count, 'mmap')} of ${file(ufile)} by ${first.comm}[${first.pid}] failed with ${name}, ${count === 1 ? '' : 'the first '}at ${at(first.ns)}`,
    ufile: ufile.id,
    vma: null,
    evidence,
    since: first.ns,
    until: first.ns,
  };
}

export const mapFailed: Rule = {
  name: 'map-failed',
  severity: 'info',
  promise: 'Every mmap of a ufile succeeded.',
  rationale:
    'rdma_user_mmap_io gives -EINVAL (not VM_SHARED, or a size other than that of the VMA), -ENOMEM and -EAGAIN; ib_uverbs_mmap gives -EIO when the device is gone, and whatever the driver gives (5.10 to 7.3).',
  reserve: 'Failures of one process on one ufile with one errno are told together.',
  needs: ['mmap', 'mmap_io'],
  example: '1 mmap of U1 (rxe0) by life[4711] failed with EINVAL, at +0.000700 s',
  start: (say) => new MapFailed(say),
};
