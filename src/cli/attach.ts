/** Attaches to this machine: finds what is needed, plans, and tries until a program is proven to be attached. */
import { bpftraceVersion, findBpftrace } from '../capture/bpftrace.ts';
import { Capture } from '../capture/capture.ts';
import { type Moment, now } from '../capture/clock.ts';
import { EXIT } from '../exit.ts';
import { makeHeader } from '../plan/header.ts';
import { type Kernel, runningKernel } from '../plan/kernel.ts';
import {
  makePlan,
  methodsFor,
  missingEvents,
  type Plan,
  WANTED_SYMBOLS,
  withoutAudit,
} from '../plan/plan.ts';
import { makeProgram } from '../plan/program.ts';
import { jsonLine } from '../recording/format.ts';
import { escapeText } from '../report/escape.ts';
import { UserError } from '../user-error.ts';
import type { Context } from './context.ts';
import { explainFailure } from './machine.ts';
import { VERSION } from './version.ts';

/** What attaching needs to know. */
export interface AttachRequest {
  readonly filters: Readonly<Record<string, string>>;
  /** Takes the bytes of the recording. */
  readonly sink: (block: Buffer) => Promise<void>;
  /** Whether page tables are read when a disassociation has ended. */
  readonly audit: boolean;
  /** Ends the attempt. */
  readonly given: AbortSignal;
}

const plural = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;

function sayMissing(context: Context, plan: Plan): void {
  for (const { event, function: name, reason, without } of missingEvents(plan)) {
    context.stderr.write(`umaptrace: no ${event} (${name}): ${reason}; ${without}\n`);
  }
}

function startCapture(
  bpftrace: string,
  version: string,
  kernel: Kernel,
  plan: Plan,
  request: AttachRequest,
): Capture {
  const facts = { version: VERSION, bpftrace: version, filters: request.filters };
  const header = (moment: Moment, attached?: bigint): string =>
    jsonLine(
      makeHeader(kernel, plan, { ...facts, ...moment, ...(attached === undefined ? {} : { attached }) }),
    ).trimEnd();
  return new Capture(bpftrace, makeProgram(plan, kernel, header(now())), header, request.sink);
}

async function failure(capture: Capture): Promise<string> {
  const { lastWords, status, signal } = await capture.ended;
  const how = signal === undefined ? `status ${status ?? 'unknown'}` : signal;
  return [`bpftrace could not attach (${how})`, ...lastWords.map(escapeText)].join('\n  ');
}

/**
 * Attaches in the best way that works.
 * @returns null when it was ended before it was attached
 * @throws UserError when bpftrace is missing or cannot attach in any way
 */
export async function attach(context: Context, request: AttachRequest): Promise<Capture | null> {
  const bpftrace = await findBpftrace();
  const version = await bpftraceVersion(bpftrace);
  const kernel = runningKernel(WANTED_SYMBOLS);
  let failed = '';
  for (const method of methodsFor(kernel)) {
    const whole = makePlan(kernel, method);
    const plan = request.audit ? whole : withoutAudit(whole, 'turned off by --no-audit');
    const probes = plural(plan.attachments.length, 'probe');
    context.stderr.write(`umaptrace: attaching ${probes} to ${kernel.release} with bpftrace ${version}\n`);
    const capture = startCapture(bpftrace, version, kernel, plan, request);
    if (await capture.ready(request.given)) {
      sayMissing(context, plan);
      return capture;
    }
    if (request.given.aborted) {
      await capture.stop();
      return null;
    }
    failed = await failure(capture);
    if ((await capture.ended).signal === 'SIGKILL') break;
  }
  const reasons = await explainFailure(context);
  if (reasons !== '') throw new UserError(`${failed}\numaptrace: ${reasons}`, { exitCode: EXIT.machine });
  throw new UserError(failed, {
    exitCode: EXIT.machine,
    hint: 'umaptrace probes --program prints what bpftrace was asked to run',
  });
}
