/** bpf iterators that are loaded once and run whenever they are asked to. */
import { once } from 'node:events';
import { closeSync, createReadStream, existsSync, openSync, type ReadStream } from 'node:fs';
import type { Attachment } from '../plan/plan.ts';
import { iteratorProgram } from '../plan/program.ts';
import { HEAP, listIterators } from './bpftrace.ts';
import { eventLines } from './lines.ts';
import { run } from './run.ts';

/** The verifier follows every step of a walk through page tables. */
const LOAD_TIMEOUT_MS = 180_000;
const MOST_BYTES = 1 << 28;
/** Lines of what a bpftrace that failed said. */
const SAID = 3;
/** Why something is not there that an abort has ended. */
export const GIVEN_UP = 'it was given up';

const FOLDER = '/sys/fs/bpf';
/**
 * Gives a mount namespace a bpf file system of its own; it ends with this process, and the pins with it. What the host
 * unmounts goes from there, too (`slave`): else its disks would be busy as long as a trace lasts. dash, as `sh`, clears
 * the mask of signals before it runs a program (seen on Debian), so `cat` is given its own.
 */
const HOLD = `mount -t bpf umaptrace ${FOLDER} && echo mounted && exec env --block-signal=TERM cat`;

/** What one run of an iterator told. */
export interface IteratorRun {
  /** Its event lines, newlines included, as latin1. */
  readonly lines: string;
  /** Why its lines are not all of them; null when they are. */
  readonly failure: string | null;
  readonly timedOut: boolean;
}

/** An iterator as it was planned. */
type Planned = Pick<Attachment, 'place' | 'body'>;

/** How long a run may take, and what ends it earlier. */
export interface Until {
  readonly timeoutMs: number;
  readonly given: AbortSignal;
}

/** How the output of a program is taken that prints an iterator's lines. */
const PRINTS = { encoding: 'latin1', stripFinalNewline: false, maxBuffer: MOST_BYTES } as const;

/** How a program ended that printed an iterator's lines. */
interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  readonly failed: boolean;
  readonly shortMessage?: string | undefined;
}

function iteratorRun(printed: Printed, timedOut: boolean, { timeoutMs }: Until): IteratorRun {
  const { stdout, stderr, failed, shortMessage } = printed;
  const why = timedOut ? `it did not end within ${timeoutMs / 1000} s` : stderr.trim();
  return { lines: eventLines(stdout), failure: failed ? why || (shortMessage ?? 'failed') : null, timedOut };
}

/** Runs a program that prints an iterator's lines. @param stdin a file whose descriptor it is given, if any */
async function readIterator(
  words: readonly string[],
  until: Until,
  env = {},
  stdin: ReadStream | 'ignore' = 'ignore',
): Promise<IteratorRun> {
  const ends = { timeout: until.timeoutMs, cancelSignal: until.given };
  const printed = await run(words, { ...PRINTS, ...ends, stdin, env });
  return iteratorRun(printed, printed.timedOut, until);
}

/** Before what bpftrace says of a program that it, or the kernel, does not take. */
const ERROR = 'ERROR: ';

const C_LOCALE = { LC_ALL: 'C' };
/** What `cat` says of EAGAIN, in the C locale. */
const AGAIN = /Resource temporarily unavailable/;

/** Whether a reading was broken off by the kernel, and can go on. */
const goesOn = ({ failure }: IteratorRun, { given }: Until): boolean =>
  failure !== null && AGAIN.test(failure) && !given.aborted;

function startReader(path: string, cancelSignal: AbortSignal) {
  return run(['cat', '-', path], { ...PRINTS, stdin: 'pipe', cancelSignal, env: C_LOCALE });
}

/** A `cat` that waits until it is told to read a pinned iterator, once: to start one takes longer than most readings. */
export class Reader {
  readonly #ends = new AbortController();
  readonly #child: ReturnType<typeof startReader>;

  constructor(path: string) {
    this.#child = startReader(path, this.#ends.signal);
  }

  async read(until: Until): Promise<IteratorRun> {
    const late = AbortSignal.timeout(until.timeoutMs);
    const ends = AbortSignal.any([until.given, late]);
    const heard = new AbortController(); // Node keeps a signal of several, and all behind it, as long as somebody listens to it
    ends.addEventListener('abort', () => this.dismiss(), { signal: heard.signal });
    if (ends.aborted) this.dismiss();
    this.#child.stdin.end();
    const printed = await this.#child;
    heard.abort();
    return iteratorRun(printed, printed.failed && late.aborted, until);
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Ends it. */
  dismiss(): void {
    this.#ends.abort();
  }
}

/** A descriptor for another process to read: this one never does. */
const readOn = (fd: number): ReadStream => createReadStream('', { fd, autoClose: false });

/** null: there is no such file. */
function tryOpen(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch {
    return null;
  }
}

/**
 * Reads a pinned iterator to its end, however much it tells. A read that goes past a million objects without a line of the program's ends with EAGAIN
 * (MAX_ITER_OBJECTS, kernel/bpf/bpf_iter.c, 5.10 to 7.3); the next one of the same open file goes on there.
 */
async function readPieces(path: string, { timeoutMs, given }: Until): Promise<IteratorRun> {
  const began = performance.now();
  const fd = tryOpen(path);
  if (fd === null) return { lines: '', failure: 'it is not loaded any more', timedOut: false };
  try {
    for (let lines = ''; ; ) {
      const until = { timeoutMs: Math.max(1, timeoutMs - (performance.now() - began)), given };
      const told = await readIterator(['cat'], until, C_LOCALE, readOn(fd));
      lines += told.lines;
      if (!goesOn(told, until)) return { ...told, lines };
    }
  } finally {
    closeSync(fd);
  }
}

/**
 * Runs an iterator by a bpftrace of its own, which takes seconds. It does not tell of a reading that ended with EAGAIN (0.17 to
 * 0.27): on a machine with more than a million VMAs or descriptors what is told may not be all. Nor can a program tell that its
 * iterator has come to the end: bpftrace returns wherever a member of ctx is null.
 */
export const runOnce = (
  bpftrace: string,
  { text, env }: { readonly text: string; readonly env: Readonly<Record<string, string>> },
  until: Until,
): Promise<IteratorRun> => readIterator([bpftrace, '-q', '-e', text], until, env);

/** An iterator that has been loaded, or is being loaded. */
export interface LoadedIterator {
  /** Resolves with a reason when bpftrace, or the kernel, does not take its program; with null when that is not known to be so. */
  readonly refused: Promise<string | null>;
  /** Resolves when it can be run; with a reason when it cannot: also where it cannot be kept. */
  readonly loaded: Promise<string | null>;
  /** Has somebody wait to read it once it is loaded: then the next run begins at once. */
  prepare(): void;
  /** Runs it once it is loaded, which takes milliseconds. */
  run(until: Until): Promise<IteratorRun>;
}

/** Why an iterator is not kept. */
interface Unloaded {
  readonly reason: string;
  /** Not for want of a place, of memory or of time: it would be refused again, or is not wanted any more. */
  readonly isRefused: boolean;
}

/** Why an iterator cannot be run, null if it can, as soon as that is known or the wait is given up. */
export async function sooner(loaded: Promise<string | null>, given: AbortSignal): Promise<string | null> {
  if (given.aborted) return GIVEN_UP;
  const heard = new AbortController();
  const aborted = once(given, 'abort', { signal: heard.signal }).then(
    () => GIVEN_UP,
    () => GIVEN_UP,
  );
  const reason = await Promise.race([loaded, aborted]);
  heard.abort();
  return reason;
}

const hold = (given: AbortSignal) =>
  run(['unshare', '--mount', '--propagation', 'slave', 'sh', '-c', HOLD], {
    stdin: 'pipe',
    buffer: { stdout: false },
    cancelSignal: given,
  });

/** An iterator that is kept, or will be. */
class PinnedIterator implements LoadedIterator {
  readonly refused: Promise<string | null>;
  readonly loaded: Promise<string | null>;
  readonly #path: () => string;
  readonly #closed: AbortSignal;
  #waiting: Reader | null = null;
  /** Whether it has told more than one reading gives. */
  #isLong = false;

  /**
   * @param pinned what became of it
   * @param path where it is then
   * @param closed nobody waits to read it any more
   */
  constructor(pinned: Promise<Unloaded | null>, path: () => string, closed: AbortSignal) {
    this.refused = pinned.then((failed) => (failed?.isRefused === true ? failed.reason : null));
    this.loaded = pinned.then((failed) => failed?.reason ?? null);
    this.#path = path;
    this.#closed = closed;
    closed.addEventListener('abort', () => this.#waiting?.dismiss());
  }

  prepare(): void {
    void this.loaded.then((reason) => {
      const isWanted = reason === null && !this.#isLong && !this.#closed.aborted;
      if (isWanted) this.#waiting ??= new Reader(this.#path());
    });
  }

  async run(until: Until): Promise<IteratorRun> {
    const failure = await this.loaded;
    if (failure !== null) return { lines: '', failure, timedOut: false };
    const began = performance.now();
    if (!this.#isLong) {
      const told = await this.#reader().read(until);
      if (!goesOn(told, until)) return told;
      this.#isLong = true;
    }
    const left = Math.max(1, until.timeoutMs - (performance.now() - began));
    return readPieces(this.#path(), { ...until, timeoutMs: left });
  }

  #reader(): Reader {
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting?.isAlive === true ? waiting : new Reader(this.#path());
  }
}

/**
 * Keeps iterators, pinned in a bpf file system of their own: each reading of such a file runs it anew. They are loaded one
 * after the other, for each takes a compiler and its memory.
 */
export class Iterators {
  readonly #bpftrace: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #ends = new AbortController();
  readonly #known = new Map<Planned, LoadedIterator>();
  #holder: ReturnType<typeof hold> | undefined;
  #mounted: Promise<string | null> | undefined;
  #last: Promise<unknown> | undefined;
  #listed: Promise<ReadonlySet<string> | undefined> | undefined;

  /** @param env environment that bpftrace needs on this kernel */
  constructor(bpftrace: string, env: Readonly<Record<string, string>>) {
    this.#bpftrace = bpftrace;
    this.#env = env;
  }

  /** Begins to load an iterator, if that has not begun. */
  load(planned: Planned): LoadedIterator {
    const known = this.#known.get(planned);
    if (known !== undefined) return known;
    const pin = `umaptrace_${this.#known.size}`;
    this.#mounted ??= this.#mount();
    const pinned = Promise.all([this.#mounted, this.#last]).then(([unmounted]) =>
      unmounted === null ? this.#pin(planned, pin) : { reason: unmounted, isRefused: false },
    );
    this.#last = pinned;
    const iterator = new PinnedIterator(pinned, () => this.#path(pin), this.#ends.signal);
    this.#known.set(planned, iterator);
    return iterator;
  }

  /** Unloads all, and gives up what is being loaded. */
  close(): void {
    this.#ends.abort();
  }

  get #process(): string {
    return `/proc/${this.#holder?.pid}`;
  }

  #path(pin: string): string {
    return `${this.#process}/root${FOLDER}/${pin}`;
  }

  async #mount(): Promise<string | null> {
    if (this.#ends.signal.aborted) return GIVEN_UP;
    this.#holder = hold(this.#ends.signal);
    const mounted = once(this.#holder.stdout, 'data').then(() => null);
    const ended = this.#holder.then(({ stderr }) => `${FOLDER} was not mounted: ${stderr.trim()}`);
    return Promise.race([mounted, ended]);
  }

  async #pin({ place, body }: Planned, pin: string): Promise<Unloaded | null> {
    if (this.#ends.signal.aborted) return { reason: GIVEN_UP, isRefused: true };
    const text = iteratorProgram({ place: `${place}:${pin}`, body });
    const inside = ['nsenter', `--mount=${this.#process}/ns/mnt`, `--root=${this.#process}/root`];
    const { failed, stderr, shortMessage } = await run([...inside, this.#bpftrace, '-q', '-e', text], {
      stdin: 'ignore',
      timeout: LOAD_TIMEOUT_MS,
      cancelSignal: this.#ends.signal,
      env: { ...HEAP, ...this.#env },
    });
    if (!failed && existsSync(this.#path(pin))) return null;
    if (this.#ends.signal.aborted) return { reason: GIVEN_UP, isRefused: true };
    const name = place.replace(/^.*iter:/, '');
    const isRefused = stderr.includes(ERROR);
    if (isRefused && (await this.#lacks(name))) {
      return { reason: `this bpftrace has no ${name} iterator`, isRefused };
    }
    const why = lastWords(stderr) || (shortMessage ?? 'it was not pinned');
    return { reason: `its program was not loaded: ${why}`, isRefused };
  }

  /** Asked only where a program was refused: what 0.17 says of an iterator that it does not know is about the program's casts. */
  async #lacks(name: string): Promise<boolean> {
    this.#listed ??= listIterators(this.#bpftrace, this.#env, this.#ends.signal);
    return (await this.#listed)?.has(name) === false;
  }
}

/** The errors that a bpftrace said; or its last lines, when it calls none one. Newer ones (0.27) say source and hints after an error. */
function lastWords(stderr: string): string {
  const lines = stderr.trim().split('\n');
  const errors = lines.filter((line) => line.includes(ERROR));
  return (errors.length > 0 ? errors : lines).slice(-SAID).join('; ');
}
