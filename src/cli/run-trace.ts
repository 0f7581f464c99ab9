/** Runs a trace: attaches, passes the recording to the file and to the live view, and ends in order. */
import { describeEnding, type Ending } from '../capture/bpftrace.ts';
import type { Capture } from '../capture/capture.ts';
import { now } from '../capture/clock.ts';
import type { Command, RunAs } from '../capture/command.ts';
import { awaitUverbs } from '../capture/module.ts';
import { EXIT } from '../exit.ts';
import { jsonLine } from '../recording/format.ts';
import {
  type ByteSink,
  openRecording,
  type RecordingWriter,
  type SyncWhen,
  sudoOwner,
} from '../recording/write.ts';
import { unknownCgroups } from '../report/cgroup-filter.ts';
import { escapeText } from '../report/escape.ts';
import { Live } from '../report/live.ts';
import { type Filters, Selection } from '../report/select.ts';
import { AuditDue } from '../timeline/audit-due.ts';
import type { Ahead } from './ahead.ts';
import { attach } from './attach.ts';
import { Auditing } from './auditing.ts';
import { Backlog } from './backlog.ts';
import { paintOf, widthOf } from './colour.ts';
import type { Context } from './context.ts';
import { Ends } from './ends.ts';
import { requireMachine } from './machine.ts';
import { Output } from './output.ts';
import { requireReadyFolder, tellReady } from './ready-file.ts';
import { liveSink } from './terminal.ts';
import { commandUser, runCommand } from './traced-command.ts';

const TICK_MS = 100;
/** Detaching takes seconds on a busy machine. */
const LONG_STOP_MS = 5000;
/** A command that has been told to end, or has ended, is given so long. */
const COMMAND_MS = 1000;
const NS_PER_MS = 1e6;
/** Bytes that may wait for a slow terminal or pipe: a few screens. */
const MOST_WAITING = 1 << 18;

/** What was asked for; undefined where nothing was. */
export interface TraceRequest {
  readonly command: readonly string[];
  readonly quiet: boolean;
  /** An existing output file is kept as .old. */
  readonly rotate: boolean;
  readonly output?: string | undefined;
  readonly force?: true | undefined;
  readonly sync: SyncWhen;
  readonly json?: true | undefined;
  readonly absolute?: true | undefined;
  readonly duration?: number | undefined;
  readonly readyFile?: string | undefined;
  readonly wait?: true | undefined;
  readonly audit: boolean;
  /** False: modules must not be kept from being unloaded. */
  readonly pin: boolean;
  readonly user?: string | undefined;
  readonly pid?: number | undefined;
  readonly comm?: string | undefined;
  readonly cgroup?: string | undefined;
  readonly device?: string | undefined;
}

/** The filters that were given, by name. */
function filtersOf({ pid, comm, cgroup, device }: TraceRequest): Filters {
  return { ...(pid && { pid }), ...(comm && { comm }), ...(cgroup && { cgroup }), ...(device && { device }) };
}

/** A command has the standard output to itself; so has a recording that goes there. */
function timelineStream({ command, output }: TraceRequest): 'stdout' | 'stderr' {
  return command.length > 0 || output === '-' ? 'stderr' : 'stdout';
}

function liveFormat(request: TraceRequest): 'text' | 'jsonl' | null {
  const recordedOnly = request.command.length > 0 && request.output !== undefined;
  if (request.quiet || recordedOnly) return null;
  return request.json === true ? 'jsonl' : 'text';
}

/** One trace, from the first byte of its recording to the last. */
export class Trace {
  readonly #context: Context;
  readonly #recording: RecordingWriter | null;
  readonly #live: Live;
  readonly #backlog: Backlog;
  readonly #selection: Selection;
  readonly #output: Output;
  readonly #ends: Ends;
  /** When page tables are to be read. */
  readonly auditDue = new AuditDue();
  #unwritten: Error | null = null;
  /** Looks closer when something stands still; there is one once everything is attached. */
  #capture: Capture | null = null;
  /** Shown when the whole timeline has been. */
  #summary = '';

  constructor(
    context: Context,
    request: TraceRequest,
    { recording, ends, shown }: { recording: RecordingWriter | null; ends: Ends; shown: ByteSink },
  ) {
    const stream = timelineStream(request);
    this.#context = context;
    this.#recording = recording;
    this.#ends = ends;
    this.#output = new Output(shown);
    this.#selection = new Selection(filtersOf(request));
    this.#live = new Live({
      format: liveFormat(request),
      sink: this.#output.write,
      hasRoom: () => this.#output.waiting < MOST_WAITING,
      summary: (text) => {
        this.#summary += text;
      },
      paint: paintOf(context, stream),
      width: widthOf(context, stream),
      absolute: request.absolute === true,
      selection: this.#selection,
      watch: (change) => this.auditDue.see(change),
      standstill: {
        warn: (text) => {
          this.#output.flush();
          context.stderr.write(text);
        },
        look: async (suspects) => this.#capture?.look(suspects),
      },
    });
    this.#backlog = new Backlog((bytes) => this.#live.push(bytes));
  }

  /** Takes bytes of the recording. */
  readonly take = async (block: Buffer): Promise<void> => {
    const [written] = await Promise.all([this.#recording?.write(block), this.#backlog.push(block)]);
    if (written?.status === 'failed') this.#cannotWrite(written.error);
  };

  /** Everything is attached. */
  begin(capture: Capture): void {
    this.#capture = capture;
  }

  /** Shows what has waited long enough. @returns the moment up to which everything was shown, ns since the recording's origin */
  tick(): number {
    const { boot } = now();
    const behind = BigInt(Math.round(this.#backlog.age * NS_PER_MS));
    const ns = this.#live.tick(boot - behind, boot);
    this.#output.flush();
    if (this.#output.closed) this.#ends.end();
    return ns;
  }

  /** Shows all that has come. @returns as {@link Trace.tick} does */
  async catchUp(): Promise<number> {
    await this.#backlog.shown();
    return this.tick();
  }

  /** Writes the footer and the summary. @returns the exit status as far as the recording goes */
  async finish(capture: Capture, ending: Ending): Promise<number> {
    const { boot, wall } = now();
    const reasons = [...(ending.asked ? [] : [describeEnding(ending)]), ...capture.reasons];
    const footer = jsonLine({
      end: {
        complete: reasons.length === 0,
        boot: `${boot}`,
        wall: `${wall}`,
        events: capture.counts.events,
        lost: capture.counts.lost,
        reasons,
        missed: capture.missed,
      },
    });
    await this.take(Buffer.from(footer));
    await this.#backlog.shown();
    this.#live.finish();
    const closed = await this.#recording?.close();
    if (closed?.error) this.#cannotWrite(closed.error);
    await this.#output.end();
    this.#context.stderr.write(this.#summary + unknownCgroups(this.#selection.unknown));
    return this.#unwritten === null ? EXIT.good : EXIT.recording;
  }

  #cannotWrite(error: Error): void {
    if (this.#unwritten !== null) return;
    this.#unwritten = error;
    const text = `umaptrace: the recording cannot be written on: ${escapeText(error.message)}; the trace goes on without it\n`;
    this.#context.stderr.write(text);
  }
}

interface Followed {
  readonly trace: Trace;
  readonly capture: Capture;
  readonly auditing: Auditing;
  readonly ends: Ends;
  readonly as: RunAs | null;
}

/** Follows what happens until the trace is to end. @returns the command, if there is one */
async function follow(
  context: Context,
  request: TraceRequest,
  { trace, capture, auditing, ends, as }: Followed,
): Promise<Command | null> {
  const ticking = setInterval(() => {
    auditing.tick(trace.tick());
  }, TICK_MS);
  try {
    tellReady(request.readyFile);
    ends.after(request.duration);
    const command = runCommand(request, as, ends);
    if (command === null) context.stderr.write('umaptrace: tracing; Ctrl-C ends it\n');
    void capture.ended.then(() => ends.end());
    await ends.reached;
    return command;
  } finally {
    clearInterval(ticking);
  }
}

/** A terminal's Ctrl-C reaches the command too; other signals are passed on. */
function passOn(signal: NodeJS.Signals | null, command: Command | null): void {
  if (signal !== null && signal !== 'SIGINT') command?.kill(signal);
}

/** Ends the capture; says why that takes long, when it does. */
async function stop(context: Context, capture: Capture): Promise<Ending> {
  const text =
    'umaptrace: bpftrace has more to tell, or still detaches; waiting for it (Ctrl-C again leaves at once, and the recording without its end)\n';
  const slow = setTimeout(() => context.stderr.write(text), LONG_STOP_MS);
  try {
    return await capture.stop();
  } finally {
    clearTimeout(slow);
  }
}

/** The status of a command; says so when the trace has ended before it. */
async function statusOf(context: Context, command: Command): Promise<number> {
  const text = 'umaptrace: the trace has ended; waiting for COMMAND (Ctrl-C ends it)\n';
  const waiting = setTimeout(() => context.stderr.write(text), COMMAND_MS);
  try {
    return await command.status;
  } finally {
    clearTimeout(waiting);
  }
}

function sayDied(context: Context, ending: Ending): number {
  const words = [describeEnding(ending), ...ending.lastWords].map(escapeText).join('\n  ');
  context.stderr.write(`umaptrace: ${words}\n  the recording of what it had told by then is kept\n`);
  return EXIT.machine;
}

async function open(context: Context, request: TraceRequest): Promise<RecordingWriter | null> {
  const { output, force, sync } = request;
  if (output === undefined) return null;
  const { rotate } = request;
  return openRecording(output, { force: force === true, rotate, owner: sudoOwner(context.env), sync });
}

interface Attaching {
  readonly trace: Trace;
  readonly recording: RecordingWriter | null;
  readonly ends: Ends;
  readonly ahead: Ahead;
}

/** Attaches; where that does not come to anything, no recording is left behind. @returns null when it was ended before */
async function attachOrLeave(
  context: Context,
  request: TraceRequest,
  { trace, recording, ends, ahead }: Attaching,
): Promise<Capture | null> {
  const { audit, pin } = request;
  const filters = Object.fromEntries(
    Object.entries(filtersOf(request)).map(([name, value]) => [name, String(value)]),
  );
  let capture: Capture | null = null;
  try {
    capture = await attach(context, { filters, audit, pin, sink: trace.take, given: ends.signal, ahead });
    if (capture !== null) await recording?.place();
    return capture;
  } finally {
    if (capture === null) await recording?.discard();
  }
}

async function tracing(context: Context, request: TraceRequest, ends: Ends, ahead: Ahead): Promise<number> {
  const as = await commandUser(context, request);
  await requireReadyFolder(request.readyFile);
  const recording = await open(context, request);
  if (!(await awaitUverbs(ends.signal))) {
    await recording?.discard();
    return EXIT.good;
  }
  const shown = await liveSink(context[timelineStream(request)]);
  const trace = new Trace(context, request, { recording, ends, shown });
  const capture = await attachOrLeave(context, request, { trace, recording, ends, ahead });
  if (capture === null) {
    context.stderr.write('umaptrace: ended before the probes were attached; nothing was recorded\n');
    return EXIT.good;
  }
  const auditing = new Auditing(capture, trace.auditDue);
  trace.begin(capture);
  const [followed] = await Promise.allSettled([
    follow(context, request, { trace, capture, auditing, ends, as }),
  ]);
  const command = followed.status === 'fulfilled' ? followed.value : null;
  passOn(ends.caught, command);
  if (request.audit) await auditing.finish(() => trace.catchUp());
  const ending = await stop(context, capture);
  const written = await trace.finish(capture, ending);
  if (followed.status === 'rejected') throw followed.reason;
  if (!ending.asked) return sayDied(context, ending);
  const status = command === null ? EXIT.good : await statusOf(context, command);
  return written === EXIT.good ? status : written;
}

/**
 * Runs a trace to its end. Resolves with the exit status.
 * @param begun what has been begun for it
 */
export async function runTrace(
  context: Context,
  request: TraceRequest,
  begun: Promise<Ahead>,
): Promise<number> {
  const ahead = await begun;
  try {
    await requireMachine(context, { wait: request.wait === true, asks: ahead.waiting === null });
    const ends = new Ends(context);
    try {
      return await tracing(context, request, ends, ahead);
    } finally {
      ends.dispose();
    }
  } finally {
    ahead.waiting?.dismiss();
  }
}
