/** Attaches probes again when their modules have been loaded while the trace runs, each time by a further bpftrace. */
import type { Attachment } from '../plan/plan.ts';
import type { Program, Runnable } from '../plan/program.ts';
import { Bpftrace } from './bpftrace.ts';
import { now } from './clock.ts';
import { ModuleWatch } from './modules.ts';
import { Readiness } from './ready.ts';

const CATCH_UP_MS = 5000;
/** Event lines, but those of the readiness probes. */
const EVENT_LINES = /^(?!R )[A-Z]{1,2}(?: [0-9a-f]+)+\n/gm;

/** What is to be attached again. */
export interface Again {
  readonly attachments: readonly Attachment[];
  readonly program: Runnable;
  /** What then tells what is there already; none when nothing can be. */
  readonly snapshots: Program['snapshots'];
}

/** What attaching again needs, and whom it tells. */
export interface AgainOptions {
  readonly bpftrace: string;
  /** Modules that have functions of the probes. */
  readonly modules: readonly string[];
  /** What is to be attached when modules came, of a kernel of which `had` is attached. */
  again(came: ReadonlySet<string>, had: readonly Attachment[]): Again;
  /** Takes what a further bpftrace prints: event lines, and in `printed` everything. */
  lines(events: Buffer, printed: Buffer): Promise<void>;
  lost(count: number): void;
  /** The functions of these modules are traced again; since when, in ns since boot, they may have run untraced. */
  attached(modules: ReadonlyMap<string, bigint>, snapshots: Program['snapshots']): Promise<void>;
  /** They cannot be, and why. */
  failed(why: string): void;
}

/** A further bpftrace, for modules that came. */
class Addition {
  readonly modules: ReadonlySet<string>;
  readonly attachments: readonly Attachment[];
  readonly #readiness: Readiness;
  readonly #bpftrace: Bpftrace;
  readonly #dead = new AbortController();

  constructor(modules: ReadonlySet<string>, { attachments, program }: Again, options: AgainOptions) {
    this.modules = modules;
    this.attachments = attachments;
    this.#readiness = new Readiness(program.readiness);
    this.#bpftrace = new Bpftrace(options.bpftrace, program, {
      lines: async (printed) => {
        this.#readiness.see(printed);
        const events = printed.toString('latin1').match(EVENT_LINES) ?? [];
        await options.lines(Buffer.from(events.join(''), 'latin1'), printed);
      },
      lost: options.lost,
    });
    void this.#bpftrace.ended.then(() => this.#dead.abort());
  }

  /** Waits until everything is attached. @returns why it is not; null when it is */
  async attached(): Promise<string | null> {
    if (await this.#readiness.prove(this.#dead.signal)) return null;
    const { lastWords } = await this.#bpftrace.ended;
    return lastWords.join('\n') || 'bpftrace ended';
  }

  async stop(): Promise<void> {
    const ends = AbortSignal.any([this.#dead.signal, AbortSignal.timeout(CATCH_UP_MS)]);
    if (this.#readiness.proven) await this.#readiness.caughtUp(ends);
    await this.#bpftrace.stop();
  }
}

export class AttachingAgain {
  readonly #options: AgainOptions;
  readonly #watch: ModuleWatch;
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
    this.#watch = new ModuleWatch(options.modules);
  }

  /** Looks whether modules came or went, and begins what that asks for. */
  look(): void {
    const since = this.#looked;
    const { came, gone } = this.#watch.look();
    this.#looked = now().boot;
    for (const module of gone) {
      this.#came.delete(module);
      this.#gone.add(module);
    }
    for (const module of came) this.#came.set(module, since);
    if (gone.size + came.size > 0) this.#work ??= this.#catchUp();
  }

  /** Ends what was attached again. */
  async stop(): Promise<void> {
    await this.#work;
    await Promise.all(this.#additions.map((addition) => addition.stop()));
  }

  /** One thing after the other: modules may come and go faster than probes are attached. */
  async #catchUp(): Promise<void> {
    try {
      while (this.#gone.size + this.#came.size > 0) {
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
    if (came.size === 0) return;
    for (const module of came.keys()) this.#came.delete(module);
    const modules = new Set(came.keys());
    const had = [...this.#first, ...this.#additions.flatMap(({ attachments }) => attachments)];
    const again = this.#options.again(modules, had);
    if (again.attachments.length === 0) return;
    const addition = new Addition(modules, again, this.#options);
    const why = await addition.attached();
    if (why === null) {
      this.#additions = [...this.#additions, addition];
      await this.#options.attached(came, again.snapshots);
    } else if (![...modules].some((module) => this.#gone.has(module))) {
      this.#options.failed(`the functions of ${[...modules].join(', ')} are not traced any more: ${why}`);
    }
  }
}
