/** umaptrace probes: the probe plan for this kernel, and the program made from it. */
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { bpftraceVersion, findBpftrace, listIterators, takesConfig } from '../capture/bpftrace.ts';
import { bufferEnvironment, eventBuffers } from '../capture/buffers.ts';
import { now } from '../capture/clock.ts';
import { runningKernel } from '../capture/kernel.ts';
import { EXIT } from '../exit.ts';
import { makeHeader } from '../plan/header.ts';
import type { Kernel } from '../plan/kernel.ts';
import {
  makePlan,
  methodFor,
  missingEvents,
  type Plan,
  type PlanOptions,
  withoutAudit,
} from '../plan/plan.ts';
import { environment, iteratorProgram, makeProgram, type Program } from '../plan/program.ts';
import { jsonLine } from '../recording/format.ts';
import { jsonDocument } from '../report/write-json.ts';
import type { Context } from './context.ts';
import { VERSION } from './version.ts';

const EXAMPLES = `
Examples:
  umaptrace probes                               what would be attached, and how
  umaptrace probes --program > umaptrace.bt      a program for plain bpftrace; its
                                                 first lines say how to run it`;

/** Depth from which on the JSON is on one line: that of a probe. */
const COMPACT = 2;

function planText({ probes }: Plan): string {
  const rows = probes.map(({ event, kind, module, function: name }) => [
    event,
    kind ?? 'not attached',
    module === null ? name : `${module}:${name}`,
  ]);
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const [first, second] = [width(0), width(1)];
  return rows
    .map(
      ([event = '', kind = '', place = '']) => `${event.padEnd(first)}  ${kind.padEnd(second)}  ${place}\n`,
    )
    .join('');
}

const missingText = (plan: Plan): string =>
  missingEvents(plan)
    .map(({ event, reason, without }) => `\nno ${event}: ${reason};\n  ${without}\n`)
    .join('');

async function programText(kernel: Kernel, plan: Plan): Promise<string> {
  const { boot, wall } = now();
  const path = findBpftrace();
  const bpftrace = path === null ? 'unknown' : await bpftraceVersion(path);
  const header = makeHeader(kernel, plan, { version: VERSION, bpftrace, boot, wall, filters: {} });
  const program = makeProgram(plan, kernel, jsonLine(header).trimEnd());
  return headComment(kernel, program) + program.text;
}

/** How to run a program, and what it needs for that from its environment. */
function headComment({ release, arch }: Kernel, { env, shared }: Program): string {
  const words = Object.entries({ ...env, ...bufferEnvironment(eventBuffers(shared)) }).map((word) =>
    word.join('='),
  );
  return `/*
 * Made by umaptrace ${VERSION} for the running kernel (${release} ${arch}): for no other, nor after its next boot.
 * As root, until Ctrl-C:
 *
 *   ${words.join(' ')} bpftrace -q umaptrace.bt >umaptrace.rec
 *
 * What it prints is a recording; to see it: umaptrace report umaptrace.rec
 */
`;
}

/** What the bpftrace that is there can do; without one, what a new one could. */
async function abilities(kernel: Kernel): Promise<PlanOptions> {
  const bpftrace = findBpftrace();
  if (bpftrace === null) return {};
  const env = environment(kernel);
  const [iterators, config] = await Promise.all([listIterators(bpftrace, env), takesConfig(bpftrace, env)]);
  return { iterators, method: methodFor(kernel, config) };
}

/** The probes verb's command. */
export function probesVerb(context: Context): CommandUnknownOpts {
  return new Command('probes')
    .summary('show what would be attached to this kernel')
    .description('Shows what would be attached to this kernel, how, and what is missing.')
    .option('--program', 'print the bpftrace program instead')
    .option('--audit', 'print the program that reads page tables')
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options) => {
      const kernel = await runningKernel();
      const plan = makePlan(kernel, await abilities(kernel));
      if (options.program === true)
        context.stdout.write(await programText(kernel, withoutAudit(plan, 'plain bpftrace does not run it')));
      else if (options.audit === true) context.stdout.write(plan.audits.map(iteratorProgram).join('\n'));
      else if (options.json === true) {
        const { probes } = plan;
        const found = { kernel: kernel.release, probes, missing: missingEvents(plan) };
        context.stdout.write(jsonDocument(found, COMPACT));
      } else context.stdout.write(planText(plan) + missingText(plan));
      context.status = EXIT.good;
    });
}
