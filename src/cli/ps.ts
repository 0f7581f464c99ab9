/** umaptrace ps: who maps device memory right now. */
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { findBlocker } from '../capture/blocker.ts';
import { listIterators, requireBpftrace } from '../capture/bpftrace.ts';
import { now } from '../capture/clock.ts';
import { DeviceNames } from '../capture/devices.ts';
import { Iterators } from '../capture/iterators.ts';
import { runningKernel } from '../capture/kernel.ts';
import { cgroupOf } from '../capture/processes.ts';
import { type Snapshot, takeSnapshot } from '../capture/snapshot.ts';
import { EventDecoder } from '../event/codec.ts';
import { Origin } from '../event/event.ts';
import type { UmapEvent } from '../event/events.gen.ts';
import { EXIT } from '../exit.ts';
import { makePlan, type Plan } from '../plan/plan.ts';
import { auditProgram, environment, snapshotPrograms } from '../plan/program.ts';
import { escapeText } from '../report/escape.ts';
import { type Holder, holders } from '../report/ps.ts';
import { psText } from '../report/ps-text.ts';
import { jsonDocument } from '../report/write-json.ts';
import { Timeline } from '../timeline/timeline.ts';
import { UserError } from '../user-error.ts';
import type { Context } from './context.ts';
import { Ends } from './ends.ts';
import { requireMachine } from './machine.ts';

const EXAMPLES = `
Examples:
  umaptrace ps                                   before pulling a device: who would notice
  umaptrace ps --pte                             after a removal: who can reach the device still
  umaptrace ps --json | jq '.holders[].pid'`;

/** Depth from which on the JSON is on one line: that of a VMA. */
const COMPACT = 4;

function requireEvent({ probes }: Plan, event: UmapEvent['what'], otherwise: string): void {
  const missing = probes.find((probe) => probe.event === event && probe.kind === null);
  if (missing !== undefined)
    throw new UserError(`${otherwise}: ${missing.reason}`, { exitCode: EXIT.machine });
}

/** A snapshot waits for every process's mmap_lock: whose it could not have is told. */
async function failure({ way, failure: why }: Snapshot): Promise<UserError> {
  const blocker = await findBlocker();
  const held =
    blocker === null
      ? ''
      : `; somebody holds the mmap_lock of pid ${blocker.pid} (${escapeText(blocker.comm)})`;
  return new UserError(`${way.attachment.place} failed: ${why}${held}`, { exitCode: EXIT.machine });
}

/** Everything that is there already, in order; null when it was given up. */
async function snapshot(pte: boolean, given: AbortSignal): Promise<UmapEvent[] | null> {
  const kernel = await runningKernel();
  const bpftrace = requireBpftrace();
  const plan = makePlan(kernel, { iterators: await listIterators(bpftrace, environment(kernel)) });
  requireEvent(plan, 'snapshot_vma', 'mappings cannot be listed');
  if (pte) requireEvent(plan, 'audit', 'page tables cannot be read');
  const { boot } = now();
  const decoder = new EventDecoder(new Origin(boot));
  const iterators = new Iterators(bpftrace, environment(kernel));
  const giveUp = (): void => iterators.close();
  given.addEventListener('abort', giveUp);
  const atOnce = Promise.resolve();
  const programs = [...snapshotPrograms(plan, kernel), ...(pte ? [auditProgram(plan, kernel)] : [])];
  const taken = await Promise.all(
    programs.map((ways) =>
      takeSnapshot({ bpftrace, iterators }, ways, { prepare: atOnce, from: atOnce, given }),
    ),
  ).finally(giveUp);
  if (given.aborted) return null;
  const snapshots = taken.filter((snapshot) => snapshot !== null);
  const failed = snapshots.find(({ failure }) => failure !== null);
  if (failed) throw await failure(failed);
  const lines = snapshots.flatMap(({ lines }) => lines.toString('latin1').split('\n'));
  const events = lines.flatMap((line, i) => decoder.decode(line, i + 1) ?? []);
  return [...new DeviceNames().untold(0), ...events.sort((a, b) => a.ns - b.ns)];
}

interface Request {
  readonly json: boolean;
  readonly pte: boolean;
}

async function list(context: Context, { json, pte }: Request, given: AbortSignal): Promise<number> {
  const events = await snapshot(pte, given);
  if (events === null) return EXIT.interrupted;
  const timeline = new Timeline();
  const changes = events.flatMap((event) => timeline.apply(event));
  const audits = new Map(events.flatMap((event) => (event.what === 'audit' ? [[event.vma, event]] : [])));
  const found: Holder[] = holders(timeline, changes, audits).map((holder) => ({
    ...holder,
    cgroup: cgroupOf(holder.pid),
  }));
  const text = json
    ? jsonDocument({ schema: 'umaptrace/ps/1', holders: found }, COMPACT)
    : psText(found, pte);
  context.stdout.write(text);
  return EXIT.good;
}

/** The ps verb's command. */
export function psVerb(context: Context): CommandUnknownOpts {
  return new Command('ps')
    .summary('list who maps device memory right now')
    .description('Lists who maps device memory, or holds a ufile open, right now. Needs root.')
    .option('--pte', 'read the page tables too: which pages are of the device')
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options) => {
      await requireMachine(context, { wait: false, asks: true });
      const ends = new Ends(context);
      try {
        context.status = await list(
          context,
          { json: options.json === true, pte: options.pte === true },
          ends.signal,
        );
      } finally {
        ends.dispose();
      }
    });
}
