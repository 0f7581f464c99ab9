/** Runs a check: reads the recording through the rules, writes what they say. */
import type { Verdict } from '../check/finding.ts';
import { EXIT } from '../exit.ts';
import { openFile, streamSink, sudoOwner } from '../recording/write.ts';
import { CHECK_FORMATS, type Checked, type CheckFormatName } from '../report/check-formats.ts';
import { escapeText } from '../report/escape.ts';
import { JudgedView } from '../report/judge.ts';
import { Replay } from '../report/replay.ts';
import type { View } from '../report/view.ts';
import { UserError } from '../user-error.ts';
import { lookOf } from './colour.ts';
import type { Context } from './context.ts';
import { firstItems, itemsOf } from './items.ts';
import { messageOf, Output } from './output.ts';
import { Progress } from './progress.ts';
import { VERSION } from './version.ts';
import { windowOf } from './window.ts';

export interface CheckRequest {
  readonly file: string;
  readonly format: CheckFormatName;
  readonly output?: string | undefined;
  readonly force?: true | undefined;
  readonly all?: true | undefined;
}

const STATUS: Record<Verdict, number> = {
  pass: EXIT.good,
  violation: EXIT.violation,
  inconclusive: EXIT.inconclusive,
  vacuous: EXIT.inconclusive,
};

const SILENT: View = { begin() {}, event() {}, trouble() {}, end() {} };

async function check(context: Context, { file, output, all }: CheckRequest): Promise<Checked> {
  const view = new JudgedView(() => SILENT);
  const progress = new Progress(context, false);
  const batches = itemsOf(file);
  const [header, items] = await firstItems(batches);
  const replay = new Replay(view, { windowNs: await windowOf(header, file, progress.tell) });
  replay.feed(items);
  for await (const batch of batches) {
    replay.feed(batch);
    progress.tell(replay.tally.events);
  }
  progress.end();
  const tally = replay.finish();
  if (view.outcome === null) throw new Error('the rules said nothing');
  const look = lookOf(context, output);
  return { outcome: view.outcome, tally, file, version: VERSION, ...look, all: all === true };
}

async function openOutput(context: Context, { output, force }: CheckRequest): Promise<Output> {
  if (output === undefined || output === '-') return new Output(streamSink(context.stdout));
  return new Output(await openFile(output, { force: force === true, owner: sudoOwner(context.env) }));
}

/** Writes what the rules say. Resolves with the exit status, which is the verdict. */
export async function runCheck(context: Context, request: CheckRequest): Promise<number> {
  const checked = await check(context, request);
  const output = await openOutput(context, request);
  output.write(await CHECK_FORMATS[request.format].text(checked));
  await output.end();
  if (output.error === null) return STATUS[checked.outcome.verdict];
  const where = request.output ?? 'standard output';
  throw new UserError(`cannot write ${escapeText(where)}: ${messageOf(output.error)}`, {
    exitCode: EXIT.usage,
  });
}
