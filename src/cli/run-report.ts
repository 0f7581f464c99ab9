/** Runs a report: reads the recording, replays it into a view, writes what the view gives. */

import { EXIT } from '../exit.ts';
import { rereadable } from '../recording/file.ts';
import type { Header } from '../recording/format.ts';
import type { RecordingItem } from '../recording/item.ts';
import { openFile, streamSink, sudoOwner } from '../recording/write.ts';
import { AtView } from '../report/at.ts';
import { unknownCgroups } from '../report/cgroup-filter.ts';
import { Clock } from '../report/clock.ts';
import { escapeText } from '../report/escape.ts';
import { FORMATS, type FormatName } from '../report/formats.ts';
import { JudgedView } from '../report/judge.ts';
import { POINT_FORMS } from '../report/point.ts';
import { Replay } from '../report/replay.ts';
import type { Filters, Selection } from '../report/select.ts';
import { summaryRows } from '../report/summary.ts';
import type { Tally } from '../report/tally.ts';
import type { View } from '../report/view.ts';
import { relativeTime } from '../time-text.ts';
import { Cgroups } from '../timeline/cgroups.ts';
import { UserError } from '../user-error.ts';
import { type Asked, filtersOf, nothingText, point, selectionOf, takesTwo } from './asked.ts';
import { lookOf } from './colour.ts';
import type { Context } from './context.ts';
import { firstItems, itemsOf } from './items.ts';
import { messageOf, Output } from './output.ts';
import { openPager } from './pager.ts';
import { Progress } from './progress.ts';
import { windowOf } from './window.ts';

/** What was asked for; undefined where nothing was. */
export interface ReportRequest extends Asked {
  readonly file: string;
  readonly format: FormatName;
  readonly output?: string | undefined;
  readonly force?: true | undefined;
  readonly at?: string | undefined;
  readonly absolute?: true | undefined;
  readonly all?: true | undefined;
  readonly pager: boolean;
}

/** Events beyond which one JSON document is a bad idea. */
const MANY_EVENTS = 1_000_000;

async function openOutput(context: Context, request: ReportRequest): Promise<Output> {
  const { output, force, pager, format } = request;
  if (output !== undefined && output !== '-') {
    return new Output(await openFile(output, { force: force === true, owner: sudoOwner(context.env) }));
  }
  if (FORMATS[format].notToTerminal === true && context.stdout.isTTY === true) {
    throw new UserError(`${format} is not for a terminal`, {
      exitCode: EXIT.usage,
      hint: `write it to a file: -o report${FORMATS[format].extensions[0] ?? ''}`,
    });
  }
  const paged = pager && format === 'text' && context.stdout.isTTY === true ? await openPager(context) : null;
  return new Output(paged ?? streamSink(context.stdout));
}

interface Shown {
  readonly clock: Clock;
  readonly selection: Selection;
  readonly output: Output;
}

function viewOf(context: Context, request: ReportRequest, { clock, selection, output }: Shown): View {
  const { paint, width } = lookOf(context, request.output);
  const common = { sink: output.write, paint, selection };
  const ns = point('at', request.at, clock);
  if (ns !== undefined) return new AtView({ ...common, ns, json: request.format === 'json' });
  const { format, absolute, all } = request;
  const options = { ...common, summary: output.write, width, absolute: absolute === true, all: all === true };
  return new JudgedView((judge) => FORMATS[format].view({ ...options, judge }), selection);
}

function warn(context: Context, request: ReportRequest, selection: Selection, tally: Tally): void {
  if (request.format === 'json' && request.at === undefined && tally.events > MANY_EVENTS) {
    context.stderr.write(
      `umaptrace: ${tally.events} events in one document; --format jsonl gives one object a line\n`,
    );
  }
  context.stderr.write(unknownCgroups(selection.unknown));
  if (selection.foundNothing) context.stderr.write(`umaptrace: ${nothingText(request, tally)}\n`);
}

/** @throws UserError when --at is before the recording's start, or goes with a stretch of time */
function requireAt({ at, since, until }: ReportRequest, clock: Clock): void {
  const ns = point('at', at, clock);
  if (ns === undefined) return;
  const exitCode = EXIT.usage;
  if (since !== undefined || until !== undefined)
    throw new UserError('--at is a moment: it does not go with --since or --until', { exitCode });
  if (ns < 0) {
    const hint = `write ${POINT_FORMS}`;
    throw new UserError(`--at ${escapeText(at ?? '')} is before the recording begins`, { exitCode, hint });
  }
}

/** Says so when --at is after the last that is known. */
function warnOfLate(context: Context, stopAt: number | undefined, tally: Tally): void {
  const { end } = tally;
  if (stopAt === undefined || end === null || stopAt <= end) return;
  context.stderr.write(`umaptrace: --at is after the end of what was traced, ${relativeTime(end)}\n`);
}

/** What may make the answer of --at another one than the truth, of all that a summary can say. */
const UNSURE = new Set(['events', 'late', 'missed runs', 'unreadable', 'absent', 'not complete']);

/** Says why what was mapped at a moment may not be all: there is no summary that would. */
function warnOfDoubts(context: Context, tally: Tally): void {
  for (const { label, text, doubt } of summaryRows(tally)) {
    if (!doubt || !(UNSURE.has(label) || text.startsWith('snapshot_vma'))) continue;
    context.stderr.write(`umaptrace: this may not be all: ${label}: ${text}\n`);
  }
}

/** @param path where the recording is, which the user calls `request.file` */
async function report(context: Context, request: ReportRequest, path: string): Promise<number> {
  const batches = itemsOf(path, request.file);
  const [header, items] = await firstItems(batches);
  const clock = new Clock(header);
  requireAt(request, clock);
  const filters = filtersOf(request, clock);
  const output = await openOutput(context, request);
  try {
    return await reported(context, request, path, { header, items, batches, clock, filters, output });
  } catch (error) {
    await output.discard();
    throw error;
  }
}

interface Opened {
  readonly header: Header;
  /** The first items, and those that follow. */
  readonly items: RecordingItem[];
  readonly batches: AsyncIterable<RecordingItem[]>;
  readonly clock: Clock;
  readonly filters: Filters;
  readonly output: Output;
}

async function reported(
  context: Context,
  request: ReportRequest,
  path: string,
  { header, items, batches, clock, filters, output }: Opened,
): Promise<number> {
  const stopAt = point('at', request.at, clock);
  const progress = new Progress(context, request.output === undefined && context.stdout.isTTY === true);
  const cgroups = new Cgroups();
  const windowNs = await windowOf(header, path, progress.tell);
  const known = { cgroups, windowNs };
  const selection = await selectionOf(itemsOf(path, request.file), filters, progress, known);
  const view = viewOf(context, request, { clock, selection, output });
  const replay = new Replay(view, { ...known, ...(stopAt !== undefined && { stopAt }) });
  replay.feed(items);
  for await (const batch of batches) {
    replay.feed(batch);
    progress.tell(replay.tally.events);
    await output.drained();
    if (output.closed) break;
  }
  progress.end();
  if (!output.closed) {
    const tally = replay.finish();
    warn(context, request, selection, tally);
    warnOfLate(context, stopAt, tally);
    if (stopAt !== undefined) warnOfDoubts(context, tally);
  }
  await output.end();
  if (output.error === null) return EXIT.good;
  const where = request.output ?? 'standard output';
  throw new UserError(`cannot write ${escapeText(where)}: ${messageOf(output.error)}`, {
    exitCode: EXIT.usage,
  });
}

/** Writes the report that was asked for. Resolves with the exit status. */
export async function runReport(context: Context, request: ReportRequest): Promise<number> {
  if (!takesTwo(request)) return report(context, request, request.file);
  const { path, release } = await rereadable(request.file);
  try {
    return await report(context, request, path);
  } finally {
    await release();
  }
}
