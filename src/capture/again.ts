/** Attaches probes again when their modules have been loaded while the trace runs, each time by a further bpftrace. */
import type { Attachment } from '../plan/plan.ts';
import type { Looks, Runnable } from '../plan/program.ts';
import { Bpftrace, describeEnding, type Ending } from './bpftrace.ts';
import { now } from './clock.ts';
import { eventLines } from './lines.ts';
import { skippedRuns } from './missed.ts';
import type { ModuleWatch } from './modules.ts';
import type { Lost } from './own-words.ts';
import { Readiness } from './ready.ts';

const CATCH_UP_MS = 5000;

/** What is to be attached again. */
export interface Again {
  readonly attachments: readonly Attachment[];
  readonly program: Runnable;
  /** What then tells what is there already, and looks from then on; null: what was used so far. */
  readonly looks: Looks | null;
}

/** What attaching again needs, and whom it tells. */
export interface AgainOptions {
  readonly bpftrace: string;
  /** Of the modules that have functions of the probes. */
  readonly watch: ModuleWatch;
  /** What is to be attached when modules came, of a kernel of which `had` is attached. */
  again(came: ReadonlySet<string>, had: readonly Attachment[]): Promise<Again>;
  /** Takes what a further bpftrace prints: event lines, and in `printed` everything. */
  lines(events: Buffer, printed: Buffer): Promise<void>;
  readonly lost: Lost;
  /** Runs of programs that the kernel skipped, by function or kind of program. */
  skipped(runs: Readonly<Record<string, number>>): void;
  /**
   * The functions of these modules are traced again, or the trace ends; since when, in ns since boot, they may have run untraced.
   * @param given ends the taking of snapshots
   */
  attached(modules: ReadonlyMap<string, bigint>, looks: Looks | null, given: AbortSignal): Promise<void>;
  /** Functions are not traced, or not all that they told was heard, and why. */
  failed(why: string): void;
}

/** A further bpftrace, for modules that came. */
class Addition {
  readonly modules: ReadonlySet<string>;
  readonly attachments: readonly Attachment[];
  readonly #options: AgainOptions;
  readonly #readiness: Readiness;
  readonly #bpftrace: Bpftrace;
  readonly #dead = new AbortController();

  constructor(modules: ReadonlySet<string>, { attachments, program }: Again, options: AgainOptions) {
    this.modules = modules;
    this.attachments = attachments;
    this.#options = options;
    this.#readiness = new Readiness(program.readiness);
    this.#bpftrace = new Bpftrace(options.bpftrace, program, {
      lines: async (printed) => {
        this.#readiness.see(printed);
        await options.lines(Buffer.from(eventLines(printed.toString('latin1')), 'latin1'), printed);
      },
      lost: options.lost,
    });
    void this.#bpftrace.ended.then((ending) => this.#ended(ending));
  }

  /**
   * Waits until everything is attached.
   * @param given ends the wait, and the attempt
   * @returns why it is not; null when it is
   */
  async attached(given: AbortSignal): Promise<string | null> {
    if (await this.#readiness.prove(AbortSignal.any([given, this.#dead.signal]))) return null;
    const { lastWords } = await (given.aborted ? this.#bpftrace.stop() : this.#bpftrace.ended);
    return lastWords.join('\n') || 'bpftrace ended';
  }

  async stop(): Promise<void> {
    const { pid } = this.#bpftrace;
    const ends = AbortSignal.any([this.#dead.signal, AbortSignal.timeout(CATCH_UP_MS)]);
    const isHeard = await this.#readiness.caughtUp(ends);
    if (!isHeard && !this.#dead.signal.aborted)
      this.#options.failed(`bpftrace is too far behind to tell all of ${this.#names}`);
    if (pid !== undefined) this.#options.skipped(await skippedRuns(pid));
    await this.#bpftrace.stop();
  }

  get #names(): string {
    return [...this.modules].join(', ');
  }

  #ended(ending: Ending): void {
    this.#dead.abort();
    if (ending.asked || !this.#readiness.proven) return;
    this.#options.failed(
      `the functions of ${this.#names} are not traced any more: ${describeEnding(ending)}`,
    );
  }
}

/** Looks for modules that come and go, and keeps their functions traced. */
export class AttachingAgain {
  readonly #options: AgainOptions;
  readonly #ends = new AbortController();
  readonly #first: readonly Attachment[];
  #additions: readonly Addition[] = [];
  #looked = now().boot;
  /** Modules that came and are not attached to yet, and since when they may have run untraced. */
  readonly #came = new Map<string, bigint>();
  readonly #gone = new Set<string>();
  #work: Promise<void> | null = null;

  /** @param attachments what is attached already */
  constructor(attachments: readonly Attachment[], options: AgainOptions) {
    this.#first = attachments;
    this.#options = options;
  }

  /** Looks whether modules came or went, and begins what that asks for. */
  look(): void {
    this.#notice();
    if (this.#gone.size + this.#came.size > 0) this.#work ??= this.#catchUp();
  }

  /** Ends what was attached again. What came and is not attached to was not traced, and is told as that. */
  async stop(): Promise<void> {
    this.#notice();
    this.#ends.abort();
    await this.#work;
    if (this.#came.size > 0) await this.#options.attached(this.#came, null, this.#ends.signal);
    await Promise.all(this.#additions.map((addition) => addition.stop()));
  }

  #notice(): void {
    const since = this.#looked;
    const { came, gone } = this.#options.watch.look();
    this.#looked = now().boot;
    for (const module of gone) {
      this.#came.delete(module);
      this.#gone.add(module);
    }
    for (const module of came) this.#came.set(module, since);
  }

  /** One thing after the other: modules may come and go faster than probes are attached. */
  async #catchUp(): Promise<void> {
    try {
      while (this.#gone.size + this.#came.size > 0 && !this.#ends.signal.aborted) {
        await this.#leave(new Set(this.#gone));
        await this.#enter(new Map(this.#came));
      }
    } catch (error) {
      this.#options.failed(error instanceof Error ? error.message : String(error));
    } finally {
      this.#work = null;
    }
  }

  async #leave(gone: ReadonlySet<string>): Promise<void> {
    for (const module of gone) this.#gone.delete(module);
    const over = this.#additions.filter(({ modules }) => [...modules].some((module) => gone.has(module)));
    this.#additions = this.#additions.filter((addition) => !over.includes(addition));
    await Promise.all(over.map((addition) => addition.stop()));
  }

  async #enter(came: ReadonlyMap<string, bigint>): Promise<void> {
    const given = this.#ends.signal;
    if (came.size === 0 || given.aborted) return;
    for (const module of came.keys()) this.#came.delete(module);
    const modules = new Set(came.keys());
    const had = [...this.#first, ...this.#additions.flatMap(({ attachments }) => attachments)];
    const again = await this.#options.again(modules, had);
    this.#notice();
    if (this.#gone.size + this.#came.size > 0 || given.aborted) {
      // What came while the kernel was read may be a part of that already: all of it is read anew.
      for (const [module, since] of came) if (!this.#gone.has(module)) this.#came.set(module, since);
      return;
    }
    if (again.attachments.length === 0) return;
    const addition = new Addition(modules, again, this.#options);
    const why = await addition.attached(given);
    if (why === null) {
      this.#additions = [...this.#additions, addition];
      await this.#options.attached(came, again.looks, given);
    } else if (given.aborted) {
      for (const [module, since] of came) this.#came.set(module, since);
    } else if (![...modules].some((module) => this.#gone.has(module))) {
      this.#options.failed(`the functions of ${[...modules].join(', ')} are not traced any more: ${why}`);
    }
  }
}
