/** Attaches to this machine: finds what is needed, plans, and tries until a program is proven to be attached. */

import type { Again } from '../capture/again.ts';
import type { Ending } from '../capture/bpftrace.ts';
import { bpftraceVersion, requireBpftrace, type WaitingBpftrace } from '../capture/bpftrace.ts';
import { eventBuffers } from '../capture/buffers.ts';
import { Capture, type HeaderText } from '../capture/capture.ts';
import { runningKernel } from '../capture/kernel.ts';
import { WatchedKernel } from '../capture/watched-kernel.ts';
import { EXIT } from '../exit.ts';
import { attachmentsAgain, programAgain } from '../plan/again.ts';
import { makeHeader } from '../plan/header.ts';
import type { Kernel } from '../plan/kernel.ts';
import {
  type Attachment,
  type Method,
  makePlan,
  methodsFor,
  missingEvents,
  type Plan,
  type PlannedProbe,
  type PlanOptions,
  pinnedModules,
  withoutAudit,
  withProbes,
} from '../plan/plan.ts';
import { looksOf, makeTraceProgram } from '../plan/program.ts';
import { refusedPlaces } from '../plan/refused.ts';
import { jsonLine } from '../recording/format.ts';
import { escapeText } from '../report/escape.ts';
import { UserError } from '../user-error.ts';
import type { Ahead } from './ahead.ts';
import type { Context } from './context.ts';
import { explainFailure, requireVersion } from './machine.ts';
import { VERSION } from './version.ts';

/** What attaching needs to know. */
export interface AttachRequest {
  readonly filters: Readonly<Record<string, string>>;
  /** Takes the bytes of the recording. */
  readonly sink: (block: Buffer) => Promise<void>;
  /** Whether page tables are read when a disassociation has ended. */
  readonly audit: boolean;
  /** Whether modules may be kept from being unloaded. */
  readonly pin: boolean;
  /** Ends the attempt. */
  readonly given: AbortSignal;
  readonly ahead: Ahead;
}

/** More probes than these are not refused one by one: the method does not work. */
const MOST_REFUSED = 6;

const plural = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;

function sayMissing(context: Context, plan: Plan): void {
  for (const { event, function: name, reason, without } of missingEvents(plan)) {
    context.stderr.write(`umaptrace: no ${event} (${name}): ${escapeText(reason)}; ${without}\n`);
  }
}

function sayPinned(context: Context, plan: Plan): void {
  const modules = pinnedModules(plan).join(' and ');
  if (modules === '') return;
  context.stderr.write(`umaptrace: ${modules} cannot be unloaded until the trace ends (--no-pin: can be)\n`);
}

/** What is known of the machine that is attached to. */
interface Machine {
  readonly bpftrace: string;
  readonly watched: WatchedKernel;
  readonly waiting: WaitingBpftrace | null;
}

interface Planned {
  readonly kernel: Kernel;
  readonly plan: Plan;
  readonly options: PlanOptions;
}

/** What iterators and /proc show is of their reader's pid namespace (task_seq_get_next, kernel/bpf/task_iter.c). */
const partial = (probe: PlannedProbe): PlannedProbe =>
  probe.kind === null
    ? probe
    : { ...probe, kind: null, reason: 'only processes of the pid namespace of umaptrace were looked at' };

/** @param bpftrace its version */
function headerOf(bpftrace: string, { kernel, plan }: Planned, { filters }: AttachRequest): HeaderText {
  const facts = { version: VERSION, bpftrace, filters, buffers: eventBuffers(plan.config) };
  return (moment, attached, told) => {
    const found = withProbes(plan, kernel.hostPids ? told : told.map(partial));
    return jsonLine(makeHeader(kernel, found, { ...facts, ...moment, attached })).trimEnd();
  };
}

function startCapture(machine: Machine, { kernel, plan, options }: Planned, request: AttachRequest): Capture {
  const { bpftrace, waiting, watched } = machine;
  // From 0.25 on bpftrace reads what modules there are before its program.
  if (watched.isAnew) waiting?.dismiss();
  const capture = new Capture({
    ...{ bpftrace, waiting, sink: request.sink, attachments: plan.attachments, watch: watched.watch },
    program: makeTraceProgram(plan, kernel),
    again: (came, had) => attachAgain({ options, audit: request.audit }, came, had),
  });
  waiting?.dismiss(); // where another one was needed
  return capture;
}

interface PlanRequest extends Pick<AttachRequest, 'audit'> {
  readonly options: PlanOptions;
}

function planFor(kernel: Kernel, { options, audit }: PlanRequest): Plan {
  const whole = makePlan(kernel, options);
  return audit ? whole : withoutAudit(whole, 'turned off by --no-audit');
}

/** What is to be attached when modules came: the kernel is another one now. */
async function attachAgain(
  request: PlanRequest,
  came: ReadonlySet<string>,
  had: readonly Attachment[],
): Promise<Again> {
  const kernel = await runningKernel();
  const plan = planFor(kernel, request);
  const attachments = attachmentsAgain(had, plan, came);
  const isCore = [...came].some((module) => module.startsWith('ib_'));
  return {
    attachments,
    program: programAgain(attachments, plan, kernel),
    looks: isCore ? looksOf(plan, kernel) : null,
  };
}

function failure({ lastWords, status, signal }: Ending): string {
  const how = signal === undefined ? `status ${status ?? 'unknown'}` : signal;
  return [`bpftrace could not attach (${how})`, ...lastWords.map(escapeText)].join('\n  ');
}

/** One attempt: a capture that is ready, null when it was ended before, or how bpftrace ended. */
async function attempt(
  context: Context,
  machine: Machine,
  options: PlanOptions,
  request: AttachRequest,
): Promise<Capture | Ending | null> {
  const kernel = await machine.watched.now();
  const plan = planFor(kernel, { options, audit: request.audit });
  const planned = { kernel, plan, options };
  // The one that waits compiles meanwhile; with the iterators that a capture loads that would be three at once.
  const version = await bpftraceVersion(machine.bpftrace);
  requireVersion(machine.bpftrace, version);
  if (request.given.aborted) return null;
  const capture = startCapture(machine, planned, request);
  const probes = plural(plan.attachments.length, 'probe');
  context.stderr.write(`umaptrace: attaching ${probes} to ${kernel.release} with bpftrace ${version}\n`);
  if (await capture.ready(request.given, headerOf(version, planned, request))) {
    sayMissing(context, withProbes(plan, capture.told));
    sayPinned(context, plan);
    return capture;
  }
  if (!request.given.aborted) return capture.ended;
  await capture.stop();
  return null;
}

/** Attempts with one method; a probe that bpftrace refuses is left out of the next. */
async function attachBy(
  method: Method,
  context: Context,
  machine: Machine,
  request: AttachRequest,
): Promise<Capture | Ending | null> {
  let refused: ReadonlyMap<string, string> = new Map();
  for (;;) {
    const options = { method, refused };
    const result = await attempt(context, machine, options, request);
    if (result === null || result instanceof Capture) return result;
    const kernel = await machine.watched.now();
    const places = makePlan(kernel, options).attachments.map(({ place }) => place);
    const more = refusedPlaces(result.lastWords, places);
    if (more.size === 0 || refused.size + more.size > MOST_REFUSED) return result;
    refused = new Map([...refused, ...more]);
  }
}

/** The kernel that is attached to. @throws UserError with what the checks find where it cannot be read */
async function readKernel(context: Context, watched: WatchedKernel): Promise<Kernel> {
  try {
    return await watched.now();
  } catch (error) {
    const reasons = error instanceof UserError ? await explainFailure(context) : '';
    if (reasons === '' || !(error instanceof UserError)) throw error;
    const message = `${error.message}\numaptrace: ${reasons}`;
    throw new UserError(message, { exitCode: error.exitCode, cause: error });
  }
}

/**
 * Attaches in the best way that works.
 * @returns null when it was ended before it was attached
 * @throws UserError when bpftrace is missing or cannot attach in any way
 */
export async function attach(context: Context, request: AttachRequest): Promise<Capture | null> {
  const bpftrace = requireBpftrace();
  const { waiting } = request.ahead;
  const watched = request.ahead.watched ?? new WatchedKernel();
  const kernel = await readKernel(context, watched);
  const machine = { bpftrace, watched, waiting };
  let failed = '';
  for (const method of methodsFor(kernel, request.pin)) {
    const result = await attachBy(method, context, machine, request);
    if (result === null || result instanceof Capture) return result;
    failed = failure(result);
    if (result.signal === 'SIGKILL') break;
  }
  const reasons = await explainFailure(context);
  if (reasons !== '') throw new UserError(`${failed}\numaptrace: ${reasons}`, { exitCode: EXIT.machine });
  throw new UserError(failed, {
    exitCode: EXIT.machine,
    hint: 'umaptrace probes --program prints what bpftrace was asked to run',
  });
}
