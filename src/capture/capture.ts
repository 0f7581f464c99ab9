import { readFileSync } from 'node:fs';
import { Origin } from '../event/event.ts';
import type { DeviceEvent } from '../event/events.gen.ts';
import { type Inside, leftInside } from '../plan/kretprobe.ts';
import type { Attachment, PlannedProbe } from '../plan/plan.ts';
import type { Looks, Program } from '../plan/program.ts';
import {
  type CgroupInput,
  jsonLine,
  type LostInput,
  type MarkInput,
  type NoteInput,
} from '../recording/format.ts';
import { type Again, AttachingAgain } from './again.ts';
import { type AuditRun, unloadedAudit } from './audit.ts';
import { Bpftrace, type Ending, type WaitingBpftrace } from './bpftrace.ts';
import { CgroupPaths, cgroupRoot } from './cgroups.ts';
import { type Moment, now } from './clock.ts';
import { DeviceNames } from './devices.ts';
import { Held } from './held.ts';
import { missedReturns } from './inside.ts';
import { sooner } from './iterators.ts';
import { countEvents, mergeByTime } from './lines.ts';
import { lookAt, type Suspects } from './look.ts';
import { type Lookout, openLookout } from './lookout.ts';
import { skippedRuns } from './missed.ts';
import type { ModuleWatch } from './modules.ts';
import { linesOf, ownHead } from './own.ts';
import type { Loss } from './own-words.ts';
import { ramEvents } from './ram.ts';
import { Readiness } from './ready.ts';
import { takeSnapshot, toldProbes } from './snapshot.ts';

const MARK_EVERY_MS = 1000;
/** Full buffers of two CPUs (128 MiB) are a minute's work for bpftrace in an emulated guest. */
const CATCH_UP_MS = 120_000;
/** Where events go on coming faster than it prints, it never catches up. */
const PATIENCE_MS = 30_000;
const NO_ROOM =
  'more threads were inside a traced function than a map of bpftrace has room for, so some returns were not told (BPFTRACE_MAX_MAP_KEYS=65536 in the environment gives room)';
/** Bytes that are held until everything is attached. */
const MOST_HELD = 32 << 20;

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
  /** One that is taken for the program, where it may be. */
  readonly waiting?: WaitingBpftrace | null;
  readonly program: Program;
  /** Is given whole lines of the recording, in order, the header first; until it resolves no more is read from bpftrace. */
  readonly sink: (block: Buffer) => Promise<void>;
  /** Probes that the program has. */
  readonly attachments: readonly Attachment[];
  /** Of the modules that have functions of the probes; it began to look before the program was made. */
  readonly watch: ModuleWatch;
  /** What is to be attached when modules came, of a kernel of which `had` is attached. */
  readonly again: (came: ReadonlySet<string>, had: readonly Attachment[]) => Promise<Again>;
}

/**
 * A trace of this machine as the bytes of a recording: what bpftrace prints, and the
 * lines that umaptrace adds (device names, marks, losses), always in whole lines.
 *
 * Nothing is given out before {@link Capture.ready}: a program that does not attach leaves no trace of its own.
 */
export class Capture {
  readonly #sink: (block: Buffer) => Promise<void>;
  readonly #options: CaptureOptions;
  #lookout: Lookout;
  readonly #bpftrace: Bpftrace;
  readonly #readiness: Readiness;
  readonly #dead = new AbortController();
  readonly #devices = new DeviceNames();
  readonly #cgroups = new CgroupPaths(cgroupRoot(readFileSync('/proc/self/mountinfo', 'latin1')));
  #begun: () => void = () => {};
  /** bpftrace has compiled the program and begins to attach it, or has ended. */
  readonly #compiled = new Promise<void>((resolve) => {
    this.#begun = resolve;
  });
  #origin = new Origin(0n);
  /** null: everything is attached. */
  #held: Held | null = new Held(MOST_HELD);
  #events = 0;
  #lost = 0;
  #marks: NodeJS.Timeout | undefined;
  readonly #missed: Record<string, number> = {};
  readonly #again: AttachingAgain;
  readonly #reasons: string[] = [];
  readonly #told: PlannedProbe[] = [];
  #hadNoRoom = false;
  /** Calls that had not returned when bpftrace ended. */
  readonly #left: Inside[] = [];

  constructor(options: CaptureOptions) {
    const { bpftrace, waiting, program, sink } = options;
    this.#options = options;
    this.#sink = sink;
    this.#readiness = new Readiness(program.readiness);
    this.#again = this.#watchModules();
    const listener = {
      lines: (block: Buffer) => this.#fromKernel(block),
      lost: (count: number, why: Loss) => this.#lose(count, why),
    };
    this.#bpftrace = new Bpftrace(bpftrace, program, listener, waiting);
    this.#lookout = openLookout(bpftrace, program);
    void this.ended.then(() => {
      clearInterval(this.#marks);
      this.#dead.abort();
      this.#lookout.tools.iterators.close();
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

  /** What came of probes that were planned otherwise; known once it is ready. */
  get told(): readonly PlannedProbe[] {
    return this.#told;
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
   * @param header the first line for an origin: the moment of being ready, so that a recording's time begins when there is
   * something to see
   * @returns false when bpftrace ended, or `given` was aborted, before that
   */
  async ready(given: AbortSignal, header: HeaderText): Promise<boolean> {
    const ends = AbortSignal.any([given, this.#dead.signal]);
    // Noted before the snapshot begins: what that told earlier would be taken for what some of the probes told.
    let attached = 0n;
    const from = this.#readiness.prove(ends, this.#compiled).then((isProven) => {
      attached = now().boot;
      return isProven;
    });
    const times = { prepare: this.#compiled, from, given: ends };
    const { tools, snapshots: ways, auditor } = this.#lookout;
    const taking = ways.map((each) => takeSnapshot(tools, each, times));
    const proven = await from;
    const taken = await Promise.all(taking);
    if (!proven) return false;
    const snapshots = taken.filter((snapshot) => snapshot !== null);
    const unloaded = auditor === null ? null : await sooner(auditor.loaded, ends);
    if (ends.aborted) return false;
    const moment = now();
    this.#origin = new Origin(moment.boot);
    const { blocks, notes, dropped } = this.#held ?? new Held(0);
    this.#held = null;
    const then = Number(attached - this.#origin.boot);
    const devices = linesOf(this.#devices.untold(then), this.#origin);
    const ram = linesOf(ramEvents(then), this.#origin);
    const lines = snapshots.map((snapshot) => snapshot.lines);
    const early = mergeByTime([devices, ram, Buffer.concat(blocks), ...lines]);
    this.#told.push(...snapshots.flatMap(toldProbes));
    if (unloaded !== null) {
      this.#told.push(unloadedAudit(unloaded));
      this.#lookout = { ...this.#lookout, auditor: null };
    }
    const first = Buffer.from(`${header(moment, attached, this.#told)}\n`);
    // The header apart, for paths of cgroups come between; in one turn, so that what bpftrace tells meanwhile comes after both.
    await Promise.all([this.#sink(first), this.#give(Buffer.concat([early, ...notes]))]);
    if (dropped > 0) this.#note(`${dropped} bytes that came before everything was attached were dropped`);
    if (!this.#cgroups.mounted) this.#note('cgroups are known by number only: cgroup v2 is not mounted here');
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
    const asked = now();
    this.#sayMark(asked, true);
    if (this.#held === null) await this.#again.stop();
    if (this.#readiness.proven) {
      const given = AbortSignal.any([this.#dead.signal, AbortSignal.timeout(CATCH_UP_MS)]);
      await this.#readiness.caughtUp(given, PATIENCE_MS);
    }
    if (this.pid !== undefined) this.#skipped(await skippedRuns(this.pid));
    const ending = await this.#bpftrace.stop();
    await this.#give(linesOf(await missedReturns(this.#left, asked.boot, this.#origin), this.#origin));
    await this.#cgroups.finish((found) => this.#say(found));
    return ending;
  }

  /** Reads the page tables now, where that is possible; what they map, or why that is not known, is given out. */
  async audit(): Promise<void> {
    const { auditor } = this.#lookout;
    if (auditor === null || this.#dead.signal.aborted) return;
    const run = await auditor.read(this.#dead.signal);
    await this.#give(run.lines);
    if (run.failure !== null && !this.#dead.signal.aborted) await this.#auditFailed(run);
  }

  async #auditFailed({ failure, blocker, ms }: AuditRun): Promise<void> {
    const { pid, comm } = blocker ?? ownHead(0);
    const known = blocker === null ? 0 : 1;
    const told = { what: 'audit_failed', took: Math.round(ms * 1e6), known } as const;
    await this.#give(linesOf([{ ...ownHead(this.#ns()), pid, tid: pid, comm, ...told }], this.#origin));
    // The event has its name: a note is for everybody to read, also in a recording that was redacted.
    const holder =
      blocker === null ? '' : `; somebody holds the mmap_lock of pid ${pid}: ${blocker.stack.join(' < ')}`;
    this.#note(`page tables were not read: ${failure}${holder}`);
  }

  /** Looks at who holds ufiles open, and at where threads stand in the kernel; resolves when it was told as events. */
  look(suspects: Suspects): Promise<void> {
    return lookAt(suspects, {
      ...this.#lookout,
      origin: this.#origin,
      given: this.#dead.signal,
      give: (lines) => this.#give(lines),
      note: (text) => this.#note(text),
    });
  }

  /** Now, since the recording's origin. */
  #ns(): number {
    return Number(now().boot - this.#origin.boot);
  }

  async #fromKernel(block: Buffer): Promise<void> {
    this.#begun();
    this.#readiness.see(block);
    if (this.#held !== null) {
      this.#held.push(block);
      return;
    }
    const given = this.#give(block);
    this.#lookAtDevices(block);
    this.#lookForInside(block);
    await given;
  }

  /** The paths of cgroups stand before the events that are the first to name them: a live view chooses by them at once. */
  #give(block: Buffer): Promise<void> {
    this.#events += countEvents(block);
    for (const found of this.#cgroups.see(block)) this.#say(found);
    return this.#sink(block);
  }

  /** The names of a device are read when it is first opened, at the latest: they are gone from sysfs once the device is. */
  #lookAtDevices(block: Buffer): void {
    this.#name(this.#devices.see(block, () => this.#ns()));
  }

  #name(devices: readonly DeviceEvent[]): void {
    if (devices.length > 0) void this.#give(linesOf(devices, this.#origin));
  }

  #watchModules(): AttachingAgain {
    const { bpftrace, watch, again, attachments } = this.#options;
    return new AttachingAgain(attachments, {
      ...{ bpftrace, watch, again },
      lost: (count, why) => this.#lose(count, why),
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
    looks: Looks | null,
    given: AbortSignal,
  ): Promise<void> {
    const { boot } = now();
    const head = ownHead(Number(boot - this.#origin.boot));
    const late = Array.from(came, ([module, since]) => {
      return { ...head, what: 'attached_late', module, ago: Number(boot - since) } as const;
    });
    await this.#give(linesOf(late, this.#origin));
    if (looks === null || this.#dead.signal.aborted) return;
    const { tools, loaded } = this.#lookAnew(looks);
    const ends = AbortSignal.any([given, this.#dead.signal]);
    // All at once, when all can look: what is told a second after it was seen comes too late.
    const from = sooner(
      loaded.then(() => null),
      ends,
    );
    const times = { prepare: Promise.resolve(), from, given: ends };
    const taken = await Promise.all(looks.snapshots.map((ways) => takeSnapshot(tools, ways, times)));
    await this.#give(mergeByTime(taken.flatMap((snapshot) => snapshot?.lines ?? [])));
  }

  /** What looked at the machine goes by addresses that are no more. A kernel that refused the audit is not asked again. */
  #lookAnew(fresh: Looks): Lookout {
    const { tools, auditor } = this.#lookout;
    tools.iterators.close();
    this.#lookout = openLookout(tools.bpftrace, auditor === null ? { ...fresh, audits: [] } : fresh);
    return this.#lookout;
  }

  #skipped(runs: Readonly<Record<string, number>>): void {
    for (const [what, count] of Object.entries(runs)) this.#missed[what] = (this.#missed[what] ?? 0) + count;
  }

  #lookForInside(block: Buffer): void {
    if (block.includes('@in_')) this.#left.push(...leftInside(block.toString('latin1')));
  }

  #mark(): void {
    this.#again.look();
    this.#name(this.#devices.untold(this.#ns()));
    void this.#cgroups.search((found) => this.#say(found));
    this.#sayMark(now());
  }

  #sayMark({ boot, wall }: Moment, ending?: true): void {
    const mark = { boot: `${boot}`, wall: `${wall}`, events: this.#events };
    this.#say({ mark: ending === undefined ? mark : { ...mark, ending } });
  }

  #lose(count: number, why: Loss): void {
    const isMap = why === 'map';
    if (isMap && !this.#hadNoRoom) this.#note(NO_ROOM);
    this.#hadNoRoom ||= isMap;
    this.#lost += count;
    this.#say({ lost: { boot: `${now().boot}`, count, ...(isMap && { map: true }) } });
  }

  #note(text: string): void {
    this.#say({ note: { text } });
  }

  #say(said: MarkInput | LostInput | NoteInput | CgroupInput): void {
    const line = Buffer.from(jsonLine(said));
    if (this.#held === null) void this.#sink(line);
    else this.#held.notes.push(line);
  }
}
