import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { getDefaultHighWaterMark, setDefaultHighWaterMark } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { EXIT } from '../exit.ts';
import { CONFIG_TRIAL, type Runnable, type Settings } from '../plan/program.ts';
import { UserError } from '../user-error.ts';
import { bufferEnvironment, eventBuffers } from './buffers.ts';
import { LineBlocks } from './lines.ts';
import { type Lost, OwnWords } from './own-words.ts';
import { Pace } from './pace.ts';
import { run } from './run.ts';

/**
 * bpftrace is killed when it was asked to end and has told nothing for so long. Detaching waits for the kernel, probe after
 * probe: 31 kprobes of 5.10 have taken more than 15 s on a busy emulated machine.
 */
const KILL_AFTER_MS = 120_000;
/** It has long noticed by then, if it noticed at all: it waits for events 100 ms at a time. */
const ASK_AGAIN_MS = 2000;
const LAST_WORDS = 20;
/** It answers a question about itself in so long. */
const ANSWER_MS = 60_000;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The bpftrace on PATH, or in a folder that root's PATH has; null when there is none. */
export function findBpftrace(): string | null {
  const { PATH = '' } = process.env;
  const folders = [...PATH.split(delimiter), '/usr/bin', '/usr/sbin', '/usr/local/bin'];
  const places = folders.filter((folder) => folder !== '').map((folder) => join(folder, 'bpftrace'));
  return places.find(isExecutable) ?? null;
}

/**
 * What {@link findBpftrace} finds.
 * @throws UserError when there is none
 */
export function requireBpftrace(): string {
  const found = findBpftrace();
  if (found !== null) return found;
  throw new UserError('bpftrace is not installed', {
    hint: 'apt install bpftrace    (or dnf install bpftrace)',
    exitCode: EXIT.machine,
  });
}

const versions = new Map<string, Promise<string>>();

async function askVersion(bpftrace: string): Promise<string> {
  const { stdout } = await run([bpftrace, '--version'], { stdin: 'ignore', timeout: ANSWER_MS });
  return /v?(\d[\w.+-]*)/.exec(stdout)?.[1] ?? 'unknown';
}

/** The version that a bpftrace tells of itself, `0.23.2`; each is asked once. */
export function bpftraceVersion(bpftrace: string): Promise<string> {
  const asked = versions.get(bpftrace) ?? askVersion(bpftrace);
  versions.set(bpftrace, asked);
  return asked;
}

/**
 * The iterators that a bpftrace knows, `task_vma`; undefined when it does not tell. It lists what it can compile: 0.17
 * has no task_vma on any kernel.
 * @param env environment that it needs on this kernel
 * @param given ends it early
 */
export async function listIterators(
  bpftrace: string,
  env: Readonly<Record<string, string>>,
  given?: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  const options = {
    stdin: 'ignore',
    timeout: ANSWER_MS,
    env,
    ...(given && { cancelSignal: given }),
  } as const;
  const { stdout } = await run([bpftrace, '-l', 'iter:*'], options);
  const names = Array.from(stdout.matchAll(/^iter:(\w+)$/gm), ([, name = '']) => name);
  return names.length === 0 ? undefined : new Set(names);
}

/** Whether a bpftrace takes what {@link CONFIG_TRIAL} has; undefined when it cannot be tried: that takes root. */
export async function takesConfig(
  bpftrace: string,
  env: Readonly<Record<string, string>>,
): Promise<boolean | undefined> {
  if (process.geteuid?.() !== 0) return undefined;
  const { exitCode, timedOut } = await run([bpftrace, '-q', '-e', CONFIG_TRIAL], {
    stdin: 'ignore',
    timeout: ANSWER_MS,
    env,
  });
  return timedOut ? undefined : exitCode === 0;
}

/** How bpftrace ended. */
export interface Ending {
  /** It ended because {@link Bpftrace.stop} asked it to, and with status 0. */
  readonly asked: boolean;
  readonly status: number | undefined;
  readonly signal: string | undefined;
  /** The last lines that it said on standard error. */
  readonly lastWords: readonly string[];
}

/** How it ended, as a sentence. */
export const describeEnding = ({ status, signal }: Pick<Ending, 'status' | 'signal'>): string =>
  signal === undefined
    ? `bpftrace ended with status ${status ?? 'unknown'}`
    : `bpftrace was ended by ${signal}`;

/** What a running bpftrace tells. */
export interface BpftraceListener {
  /** Whole lines of its standard output, newlines included; no more are read until this resolves. */
  lines(block: Buffer): Promise<void>;
  /** It told of so many events that it lost. */
  readonly lost: Lost;
}

/** What a stream buffers ahead of its reader is read as it comes: here a line at a time. With this nothing is. */
const NOTHING_AHEAD = 1;

/**
 * How glibc gives bpftrace its memory (mallopt(3)): in large steps, also for what is large; where transparent huge pages are always on, the kernel
 * then backs it with them. To attach to Debian's 6.12 bpftrace 0.23 takes 5,400 page faults instead of 17,900, and 8 MB more.
 */
export const HEAP = { MALLOC_TOP_PAD_: `${1 << 23}`, MALLOC_MMAP_THRESHOLD_: `${1 << 25}` } as const;

/** Starts one that reads its program from its standard input. */
function start(bpftrace: string, { env, shared }: Settings) {
  const usual = getDefaultHighWaterMark(false);
  setDefaultHighWaterMark(false, NOTHING_AHEAD);
  try {
    return run([bpftrace, '-q', '-'], {
      buffer: false,
      stdin: 'pipe',
      forceKillAfterDelay: false,
      env: { ...HEAP, ...env, ...bufferEnvironment(eventBuffers(shared)) },
    });
  } finally {
    setDefaultHighWaterMark(false, usual);
  }
}

type Child = ReturnType<typeof start>;

function startWith(bpftrace: string, program: Runnable): Child {
  const child = start(bpftrace, program);
  child.stdin.end(program.text);
  return child;
}

/**
 * A bpftrace that waits for its program: what it does before it reads one, for it loads LLVM, takes a second on a slow machine. One that
 * has been given its program compiles it until somebody takes it who wants just this one.
 */
export class WaitingBpftrace {
  readonly #settings: Settings;
  #child: Child | null;
  #given: string | null = null;

  /** @param settings what its program is expected to need */
  constructor(bpftrace: string, settings: Settings) {
    this.#settings = settings;
    this.#child = start(bpftrace, settings);
    // What it says is for who takes it: nobody has to read what nobody wants to, execa thinks.
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.pause();
  }

  /** Its pid; undefined once it was taken. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Gives it its program, where that needs just the settings that it was started with. */
  give(program: Runnable): void {
    if (!this.#suits(program)) return;
    this.#given = program.text;
    this.#child?.stdin.end(program.text);
  }

  /** Gives it away, once, with its program, to who has one that needs just these settings, and no other than it has been given. */
  take(program: Runnable): Child | null {
    const child = this.#child;
    const isAlive = child?.exitCode === null && child.signalCode === null;
    if (!isAlive || !this.#suits(program)) return null;
    if (this.#given === null) this.give(program);
    if (this.#given !== program.text) return null;
    child.stderr.resume(); // who takes it listens to it at once
    this.#child = null;
    return child;
  }

  #suits(program: Settings): boolean {
    const [waits, wanted] = [this.#settings, program].map(({ env, shared }) => ({ env, shared }));
    return isDeepStrictEqual(waits, wanted);
  }

  /** Ends it, where nobody has taken it. */
  dismiss(): void {
    this.#child?.kill('SIGKILL');
    this.#child = null;
  }
}

/** The function in which a process waits for events (fs/eventpoll.c), as wchan and the first line of stack tell it. */
const WAITS_FOR_EVENTS = /^(?:\[<0>\] )?(?:do_epoll_wait|ep_poll)(?:\+|$)/;

/** Whether a process waits for events, and for nothing else in the kernel. On 5.10 wchan tells nothing (x86). */
function isWaiting(pid: number | undefined): boolean {
  try {
    return ['wchan', 'stack'].some((file) =>
      WAITS_FOR_EVENTS.test(readFileSync(`/proc/${pid}/${file}`, 'latin1')),
    );
  } catch {
    return false; // it has ended
  }
}

/** A running bpftrace. */
export class Bpftrace {
  readonly ended: Promise<Ending>;
  readonly #child: Child;
  readonly #lastWords: string[] = [];
  #asked = false;
  /** When it was asked to end, or has told something since; ms. */
  #heard = 0;

  /** @param waiting one that is taken instead of starting another, where it may be */
  constructor(
    bpftrace: string,
    program: Runnable,
    listener: BpftraceListener,
    waiting: WaitingBpftrace | null = null,
  ) {
    this.#child = waiting?.take(program) ?? startWith(bpftrace, program);
    this.ended = this.#watch(listener);
  }

  /** Its pid. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Asks it to detach and to tell what is left; it is killed when that takes too long. */
  stop(): Promise<Ending> {
    if (!this.#asked) void this.#ask();
    return this.ended;
  }

  /**
   * Up to 0.17 at least, bpftrace takes notice of a signal only when that ends its waiting for events: what comes while
   * it prints one is forgotten. So it is asked again when it still waits.
   */
  async #ask(): Promise<void> {
    this.#asked = true;
    this.#heard = performance.now();
    const over = this.ended.then(() => true);
    this.#child.kill('SIGINT');
    while (!(await Promise.race([over, sleep(ASK_AGAIN_MS, false)]))) {
      if (performance.now() - this.#heard > KILL_AFTER_MS) this.#child.kill('SIGKILL');
      else if (isWaiting(this.#child.pid)) this.#child.kill('SIGINT');
    }
  }

  async #watch(listener: BpftraceListener): Promise<Ending> {
    const [{ exitCode, signal }] = await Promise.all([
      this.#child,
      this.#readLines(listener),
      this.#readErrors(listener),
    ]);
    return {
      asked: this.#asked && exitCode === 0,
      status: exitCode,
      signal,
      lastWords: this.#lastWords,
    };
  }

  /** Reads what it prints, in batches. Waiting for the listener holds bpftrace up: the kernel then counts what finds no room as lost. */
  async #readLines(listener: BpftraceListener): Promise<void> {
    const blocks = new LineBlocks();
    const pace = new Pace();
    const own = new OwnWords(listener.lost);
    for await (const chunk of this.#child.stdout) {
      if (!Buffer.isBuffer(chunk)) continue;
      this.#heard = performance.now();
      const block = blocks.push(chunk);
      if (block !== undefined) await listener.lines(own.without(block));
      const ms = pace.after(chunk.length);
      if (ms > 0) await sleep(ms);
    }
  }

  async #readErrors(listener: BpftraceListener): Promise<void> {
    const own = new OwnWords(listener.lost);
    for await (const line of this.#child.iterable({ from: 'stderr' })) {
      const isOwn = own.without(Buffer.from(`${line}\n`)).length === 0;
      if (!isOwn && line.trim() !== '' && this.#lastWords.push(line) > LAST_WORDS) this.#lastWords.shift();
    }
  }
}
