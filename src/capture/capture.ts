import { encodeEvent } from '../event/codec.ts';
import { Origin } from '../event/event.ts';
import { type Inside, leftInside } from '../plan/kretprobe.ts';
import type { Attachment, PlannedProbe } from '../plan/plan.ts';
import type { Program } from '../plan/program.ts';
import { jsonLine, type LostInput, type MarkInput, type NoteInput } from '../recording/format.ts';
import { type Again, AttachingAgain } from './again.ts';
import { Auditor, type AuditRun } from './audit.ts';
import { Bpftrace, type Ending } from './bpftrace.ts';
import { type Moment, now } from './clock.ts';
import { deviceEvent, listDevices } from './devices.ts';
import { LISTS_DESCRIPTORS, listHolders } from './holders.ts';
import { missedReturns } from './inside.ts';
import { skippedRuns } from './missed.ts';
import type { ModuleWatch } from './modules.ts';
import { ramLines } from './ram.ts';
import { Readiness } from './ready.ts';
import { type Snapshot, takeSnapshot } from './snapshot.ts';
import { readStacks, type Thread } from './stacks.ts';

const MARK_EVERY_MS = 1000;
const CATCH_UP_MS = 30_000;
/** Bytes that are held until everything is attached. */
const MOST_HELD = 32 << 20;
const NEWLINE = 0x0a;
/** A ufile was opened (its last word is the device number), or a device is leaving. */
const DEVICE_LINE = /^(?:FO .* ([0-9a-f]+)|RB .*)$/gm;
const BLANK = 0x20;
const isCapital = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x41 && byte <= 0x5a;

/** Whether an event line begins at `at`: one or two capitals and a blank; bpftrace's own warnings begin otherwise. */
const isEvent = (block: Buffer, at: number): boolean =>
  isCapital(block[at]) && (block[at + 1] === BLANK || (isCapital(block[at + 1]) && block[at + 2] === BLANK));

const EVENT_LINE = /^[A-Z]{1,2} [0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) .*\n/gm;

/** The event lines of several blocks as one block, in order of their times. */
function mergeByTime(blocks: readonly Buffer[]): Buffer {
  const lines = blocks.flatMap((block) =>
    Array.from(block.toString('latin1').matchAll(EVENT_LINE), ([line, ns = '0']) => ({
      line,
      time: Number.parseInt(ns, 16),
    })),
  );
  lines.sort((a, b) => a.time - b.time);
  return Buffer.from(lines.map(({ line }) => line).join(''), 'latin1');
}

/** What came before everything is attached: lines of the kernel side, and our own. */
interface Held {
  readonly blocks: Buffer[];
  readonly notes: Buffer[];
  /** In the blocks, and left out of them. */
  bytes: number;
  dropped: number;
}

const nothingHeld = (): Held => ({ blocks: [], notes: [], bytes: 0, dropped: 0 });

/** Events that are dropped leave a gap in the counts of their CPU. */
function hold(held: Held, block: Buffer): void {
  if (held.bytes + block.length > MOST_HELD) {
    held.dropped += block.length;
    return;
  }
  held.blocks.push(block);
  held.bytes += block.length;
}

/** How the recording's header tells of a snapshot: one that is not whole shows nothing for certain. */
const probesOf = ({ way, failure }: Snapshot): PlannedProbe[] =>
  way.probes.map((probe) =>
    failure === null
      ? probe
      : { ...probe, kind: null, reason: `the snapshot by ${way.attachment.place} is not whole: ${failure}` },
  );

/** The pid of a line that tells a descriptor. */
const HOLDER = /^SF \S+ \S+ \S+ ([0-9a-f]+) /gm;

/** Whose stacks are wanted: of a thread, and of the threads of some processes. */
export interface Suspects {
  readonly pid: number;
  readonly tid: number;
  readonly pids: readonly number[];
  /** Whether also to list who holds ufiles open, and to read the stacks of those. */
  readonly holders: boolean;
}

/** Event lines in a block of whole lines. */
function countEvents(block: Buffer): number {
  let events = isEvent(block, 0) ? 1 : 0;
  for (let at = block.indexOf(NEWLINE); at >= 0; at = block.indexOf(NEWLINE, at + 1)) {
    if (isEvent(block, at + 1)) events++;
  }
  return events;
}

/**
 * The recording's first line, without a newline.
 * @param attached ns since boot when everything was attached
 * @param told probes that stand for those that the plan has for their events
 */
export type HeaderText = (origin: Moment, attached: bigint, told: readonly PlannedProbe[]) => string;

/** What a capture is made of. */
export interface CaptureOptions {
  /** Path of the executable. */
  readonly bpftrace: string;
  readonly program: Program;
  /**
   * The first line for an origin: the moment of being ready, so that a recording's time begins when there is something to
   * see; it replaces the one that the program prints.
   */
  readonly header: HeaderText;
  /** Is given whole lines of the recording, in order, the header first; until it resolves no more is read from bpftrace. */
  readonly sink: (block: Buffer) => Promise<void>;
  /** Probes that the program has. */
  readonly attachments: readonly Attachment[];
  /** Of the modules that have functions of the probes; it began to look before the program was made. */
  readonly watch: ModuleWatch;
  /** What is to be attached when modules came, of a kernel of which `had` is attached. */
  readonly again: (came: ReadonlySet<string>, had: readonly Attachment[]) => Again;
}

/**
 * A trace of this machine as the bytes of a recording: what bpftrace prints, and the
 * lines that umaptrace adds (device names, marks, losses), always in whole lines.
 *
 * Nothing is given out before {@link Capture.ready}: a program that does not attach leaves no trace of its own.
 */
export class Capture {
  readonly #header: HeaderText;
  readonly #sink: (block: Buffer) => Promise<void>;
  readonly #options: CaptureOptions;
  readonly #program: Program;
  readonly #auditor: Auditor | null;
  readonly #bpftrace: Bpftrace;
  readonly #readiness: Readiness;
  readonly #dead = new AbortController();
  readonly #devices = new Set<number>();
  #begun: () => void = () => {};
  /** bpftrace has compiled the program and begins to attach it, or has ended. */
  readonly #compiled = new Promise<void>((resolve) => {
    this.#begun = resolve;
  });
  #origin = new Origin(0n);
  /** null: everything is attached. */
  #held: Held | null = nothingHeld();
  #events = 0;
  #lost = 0;
  #marks: NodeJS.Timeout | undefined;
  readonly #missed: Record<string, number> = {};
  readonly #again: AttachingAgain;
  readonly #reasons: string[] = [];
  /** Calls that had not returned when bpftrace ended. */
  readonly #left: Inside[] = [];

  constructor(options: CaptureOptions) {
    const { bpftrace, program, header, sink } = options;
    this.#options = options;
    this.#program = program;
    const [audit] = program.audits;
    this.#auditor = audit === undefined ? null : new Auditor(bpftrace, audit, program.env);
    this.#header = header;
    this.#sink = sink;
    this.#readiness = new Readiness(program.readiness);
    this.#again = this.#watchModules();
    this.#bpftrace = new Bpftrace(bpftrace, program, {
      lines: (block) => this.#fromKernel(block),
      lost: (count) => this.#lose(count),
    });
    void this.ended.then(() => {
      clearInterval(this.#marks);
      this.#dead.abort();
      this.#auditor?.close();
      this.#begun();
    });
  }

  /** When and how bpftrace ended. */
  get ended(): Promise<Ending> {
    return this.#bpftrace.ended;
  }

  /** pid of the running bpftrace. */
  get pid(): number | undefined {
    return this.#bpftrace.pid;
  }

  /** Event lines given out so far, and events that bpftrace said it lost. */
  get counts(): { events: number; lost: number } {
    return { events: this.#events, lost: this.#lost };
  }

  /** Why not everything was traced to the end. */
  get reasons(): readonly string[] {
    return this.#reasons;
  }

  /** Runs of programs that the kernel skipped, by function or kind of program; known after {@link Capture.stop}. */
  get missed(): Readonly<Record<string, number>> {
    return this.#missed;
  }

  /**
   * Waits until the program is proven to be attached, looks at what was there already,
   * then begins to give out lines.
   * @returns false when bpftrace ended, or `given` was aborted, before that
   */
  async ready(given: AbortSignal): Promise<boolean> {
    const ends = AbortSignal.any([given, this.#dead.signal]);
    const from = this.#readiness.prove(ends);
    const times = { prepare: this.#compiled, from, given: ends };
    const taking = this.#program.snapshots.map((ways) => takeSnapshot(this.#options.bpftrace, ways, times));
    const proven = await from;
    const attached = now().boot;
    const taken = await Promise.all(taking);
    if (!proven) return false;
    const snapshots = taken.filter((snapshot) => snapshot !== null);
    const unloaded = await this.#auditLoaded(ends);
    if (ends.aborted) return false;
    const moment = now();
    this.#origin = new Origin(moment.boot);
    const { blocks, notes, dropped } = this.#held ?? nothingHeld();
    this.#held = null;
    const devices = this.#newDevices(attached);
    const ram = Buffer.from(ramLines(Number(attached - this.#origin.boot), this.#origin));
    const lines = snapshots.map((snapshot) => snapshot.lines);
    const early = mergeByTime([devices, ram, Buffer.concat(blocks), ...lines]);
    const told = snapshots.flatMap(probesOf);
    const header = Buffer.from(`${this.#header(moment, attached, told)}\n`);
    await this.#give(Buffer.concat([header, early, ...notes]));
    if (dropped > 0) this.#note(`${dropped} bytes that came before everything was attached were dropped`);
    if (unloaded !== null) this.#note(`page tables will not be read: ${unloaded}`);
    this.#mark();
    this.#marks = setInterval(() => this.#mark(), MARK_EVERY_MS);
    return true;
  }

  /**
   * Detaches; what the kernel had told by then is still given out before this resolves.
   *
   * A signal makes bpftrace throw away what it has read and not yet printed (seen with 0.23.2:
   * half of 40,000 events), so it is asked only once it has caught up. Under a load that it
   * cannot follow this is given up after a while: the per-CPU totals tell what was lost then.
   */
  async stop(): Promise<Ending> {
    clearInterval(this.#marks);
    const asked = now().boot;
    if (this.#held === null) await this.#again.stop();
    if (this.#readiness.proven) {
      await this.#readiness.caughtUp(AbortSignal.any([this.#dead.signal, AbortSignal.timeout(CATCH_UP_MS)]));
    }
    if (this.pid !== undefined) this.#skipped(await skippedRuns(this.pid));
    const ending = await this.#bpftrace.stop();
    await this.#give(Buffer.from(await missedReturns(this.#left, asked, this.#origin)));
    return ending;
  }

  /** Why page tables cannot be read; null when they can, or are not to be. @param given ends the wait */
  async #auditLoaded(given: AbortSignal): Promise<string | null> {
    const giveUp = (): void => this.#auditor?.close();
    given.addEventListener('abort', giveUp);
    if (given.aborted) giveUp();
    const unloaded = await this.#auditor?.loaded;
    given.removeEventListener('abort', giveUp);
    return unloaded ?? null;
  }

  /** Reads the page tables now, where that is possible; what they map, or why that is not known, is given out. */
  async audit(): Promise<void> {
    if (this.#auditor === null) return;
    const run = await this.#auditor.read(this.#dead.signal);
    await this.#give(run.lines);
    if (run.failure !== null && !this.#dead.signal.aborted) await this.#auditFailed(run);
  }

  async #auditFailed({ failure, blocker, ms }: AuditRun): Promise<void> {
    const ns = Number(now().boot - this.#origin.boot);
    const { pid, comm } = blocker ?? { pid: process.pid, comm: 'umaptrace' };
    const head = { n: 0, ns, cpu: 0, seq: 0, pid, tid: pid, comm };
    const known = blocker === null ? 0 : 1;
    const event = { what: 'audit_failed', ...head, took: Math.round(ms * 1e6), known } as const;
    await this.#give(Buffer.from(`${encodeEvent(event, this.#origin)}\n`));
    const holder =
      blocker === null
        ? ''
        : `; somebody holds the mmap_lock of pid ${pid} (${comm}): ${blocker.stack.join(' < ')}`;
    this.#note(`page tables were not read: ${failure}${holder}`);
  }

  /** Looks at who holds ufiles open, and at where threads stand in the kernel; resolves when it was told as events. */
  async look({ pid, tid, pids, holders }: Suspects): Promise<void> {
    const [others] = await Promise.all([
      holders ? this.#lookAtHolders() : new Set<number>(),
      this.#lookAtStacks([{ pid, tid }], pids),
    ]);
    for (const known of [pid, ...pids]) others.delete(known);
    await this.#lookAtStacks([], [...others]);
  }

  /** @returns the processes that hold a ufile open */
  async #lookAtHolders(): Promise<Set<number>> {
    const pids = new Set<number>();
    const iterator = this.#program.snapshots
      .flat()
      .find(({ way }) => way.attachment.place === LISTS_DESCRIPTORS);
    if (iterator === undefined) return pids;
    const give = async (lines: Buffer): Promise<void> => {
      for (const [, pid = ''] of lines.toString('latin1').matchAll(HOLDER))
        pids.add(Number.parseInt(pid, 16));
      if (!this.#dead.signal.aborted) await this.#give(lines);
    };
    const failure = await listHolders(this.#options.bpftrace, iterator, this.#dead.signal, give);
    if (failure !== null && !this.#dead.signal.aborted)
      this.#note(`who holds ufiles open could not be listed: ${failure}`);
    return pids;
  }

  async #lookAtStacks(threads: readonly Thread[], pids: readonly number[]): Promise<void> {
    const stacks = await readStacks(threads, pids, () => Number(now().boot - this.#origin.boot));
    if (this.#dead.signal.aborted) return;
    const lines = stacks.map((frame) => `${encodeEvent(frame, this.#origin)}\n`);
    await this.#give(Buffer.from(lines.join('')));
  }

  async #fromKernel(block: Buffer): Promise<void> {
    this.#begun();
    this.#readiness.see(block);
    if (this.#held !== null) {
      hold(this.#held, block);
      return;
    }
    const given = this.#give(block);
    this.#lookAtDevices(block);
    this.#lookForInside(block);
    await given;
  }

  #give(block: Buffer): Promise<void> {
    this.#events += countEvents(block);
    return this.#sink(block);
  }

  /** The names of a device are read when it is first opened: they are gone from sysfs once the device is. */
  #lookAtDevices(block: Buffer): void {
    if (!block.includes('FO ') && !block.includes('RB ')) return;
    for (const [, rdev] of block.toString('latin1').matchAll(DEVICE_LINE)) {
      if (rdev === undefined) this.#devices.clear();
      else if (!this.#devices.has(Number.parseInt(rdev, 16))) void this.#give(this.#newDevices(now().boot));
    }
  }

  /** Lines for the devices that have not been told. @param boot when, ns since boot */
  #newDevices(boot: bigint): Buffer {
    const ns = Number(boot - this.#origin.boot);
    const found = listDevices().filter(({ rdev }) => !this.#devices.has(rdev));
    for (const { rdev } of found) this.#devices.add(rdev);
    return Buffer.from(
      found.map((device) => `${encodeEvent(deviceEvent(device, ns), this.#origin)}\n`).join(''),
    );
  }

  #watchModules(): AttachingAgain {
    const { bpftrace, watch, again, attachments } = this.#options;
    return new AttachingAgain(attachments, {
      ...{ bpftrace, watch, again },
      lost: (count) => this.#lose(count),
      skipped: (runs) => this.#skipped(runs),
      lines: async (events, printed) => {
        await this.#give(events);
        this.#lookAtDevices(events);
        this.#lookForInside(printed);
      },
      attached: (...late) => this.#attachedLate(...late),
      failed: (why) => {
        this.#reasons.push(why);
        this.#note(why);
      },
    });
  }

  async #attachedLate(
    came: ReadonlyMap<string, bigint>,
    snapshots: Program['snapshots'],
    given: AbortSignal,
  ): Promise<void> {
    const { boot } = now();
    const { pid } = process;
    const head = { n: 0, ns: Number(boot - this.#origin.boot), cpu: 0, seq: 0, pid, tid: pid };
    for (const [module, since] of came) {
      const ago = Number(boot - since);
      const event = { ...head, comm: 'umaptrace', what: 'attached_late', module, ago } as const;
      await this.#give(Buffer.from(`${encodeEvent(event, this.#origin)}\n`));
    }
    const atOnce = Promise.resolve();
    const times = { prepare: atOnce, from: atOnce, given: AbortSignal.any([given, this.#dead.signal]) };
    const taken = await Promise.all(
      snapshots.map((ways) => takeSnapshot(this.#options.bpftrace, ways, times)),
    );
    await this.#give(mergeByTime(taken.flatMap((snapshot) => snapshot?.lines ?? [])));
  }

  #skipped(runs: Readonly<Record<string, number>>): void {
    for (const [what, count] of Object.entries(runs)) this.#missed[what] = (this.#missed[what] ?? 0) + count;
  }

  #lookForInside(block: Buffer): void {
    if (block.includes('@in_')) this.#left.push(...leftInside(block.toString('latin1')));
  }

  #mark(): void {
    this.#again.look();
    const { boot, wall } = now();
    this.#say({ mark: { boot: `${boot}`, wall: `${wall}`, events: this.#events } });
  }

  #lose(count: number): void {
    this.#lost += count;
    this.#say({ lost: { boot: `${now().boot}`, count } });
  }

  #note(text: string): void {
    this.#say({ note: { text } });
  }

  #say(said: MarkInput | LostInput | NoteInput): void {
    const line = Buffer.from(jsonLine(said));
    if (this.#held === null) void this.#sink(line);
    else this.#held.notes.push(line);
  }
}
