/** umaptrace trace, umaptrace record: attach, show the timeline as it grows, record it. */
import { Command, type CommandUnknownOpts, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { EXIT } from '../exit.ts';
import { parseDuration } from '../report/point.ts';
import { UserError } from '../user-error.ts';
import { beginAhead } from './ahead.ts';
import type { Context } from './context.ts';
import { cgroup, pid } from './options.ts';
import type { TraceRequest } from './run-trace.ts';

const DEFAULT_RECORDING = 'umaptrace.rec';

const SYNC_CHOICES = ['each', 'second', 'never'] as const;

const TRACE_EXAMPLES = `
Examples:
  umaptrace trace                                everything, until Ctrl-C
  umaptrace trace -- ibv_rc_pingpong             one program, from its first ufile on
  umaptrace trace --device rxe0 --duration 30s   half a minute of one device
  umaptrace trace --cgroup '*/docker-3f2a*'      a container, and all that lies below it
  umaptrace trace -o incident.rec                show it and record it
  umaptrace trace --json | jq .                  one object an event

Recordings hold everything that was traced; filters choose what is shown. A removal or a
reset that stands still for 5 s is told on stderr, with who holds it up.`;

const RECORD_EXAMPLES = `
Examples:
  umaptrace record                               to umaptrace.rec, until Ctrl-C
  umaptrace record -o run.rec -- ./my-test       one program
  umaptrace record -o run.rec.gz                 compressed, readable when cut short
  ssh host umaptrace record -o - | umaptrace report -`;

function duration(text: string): number {
  const ns = parseDuration(text);
  if (ns === null) throw new InvalidArgumentError('A duration is 10, 10s, 500ms or 2m.');
  return ns;
}

function command(name: string) {
  return new Command(name)
    .argument('[command...]', 'a command to trace; the trace ends when it does')
    .option('-o, --output <file>', 'record to a file; - is standard output')
    .option('--force', 'replace the file if it exists')
    .addOption(
      new Option('--sync <when>', 'when the recording has to be on the disk: with each write, every second')
        .choices(SYNC_CHOICES)
        .default('second' as const),
    )
    .option('--json', 'one JSON object an event instead of text')
    .option('--absolute', 'wall-clock times instead of times from the start')
    .option('--duration <time>', 'end after so long: 10s, 500ms, 2m', duration)
    .option('--ready-file <file>', 'write this file when everything is attached')
    .option('--wait', 'wait for ib_uverbs to be loaded')
    .option('--no-audit', 'do not read page tables when a disassociation has ended')
    .option('--no-pin', 'use probes that let ib_uverbs and ib_core be unloaded meanwhile (slower)')
    .option('--user <name>', 'run the command as this user; else as who called sudo')
    .option('--pid <pid>', 'show only VMAs of this process and its children', pid)
    .option('--comm <name>', 'show only VMAs of processes of this name and their children')
    .option('--cgroup <path>', 'show only VMAs of processes in this cgroup (v2) and their children', cgroup)
    .option('--device <name>', 'show only this device: rxe0 or uverbs0')
    .passThroughOptions();
}

function requireUsage({ output, command, user }: TraceRequest): void {
  if (output === '-' && command.length > 0) {
    throw new UserError('the recording and COMMAND cannot both have standard output', {
      exitCode: EXIT.usage,
      hint: 'write the recording to a file (-o run.rec), or run COMMAND by itself',
    });
  }
  if (user !== undefined && command.length === 0) {
    throw new UserError('--user is for a COMMAND, and there is none', {
      exitCode: EXIT.usage,
      hint: 'umaptrace record --user alice -- ./my-test',
    });
  }
}

/** What is begun starts while the kernel's types are read and the rest is loaded. */
async function run(context: Context, request: TraceRequest): Promise<void> {
  requireUsage(request);
  const begun = beginAhead(request.pin);
  const { runTrace } = await import('./run-trace.ts');
  context.status = await runTrace(context, request, begun);
}

/** The trace verb's command. */
export function traceVerb(context: Context): CommandUnknownOpts {
  return command('trace')
    .summary('show the timeline as it grows')
    .description('Attaches to the running kernel and prints the timeline as it grows. Needs root.')
    .option('--quiet', 'no timeline, only the summary')
    .addHelpText('after', TRACE_EXAMPLES)
    .action(async (words, options) => {
      await run(context, { ...options, command: words, quiet: options.quiet === true, rotate: false });
    });
}

/** The record verb's command. */
export function recordVerb(context: Context): CommandUnknownOpts {
  return command('record')
    .summary('record a trace to a file')
    .description(
      `The same as trace --quiet -o ${DEFAULT_RECORDING}; an existing ${DEFAULT_RECORDING} becomes .old.`,
    )
    .addHelpText('after', RECORD_EXAMPLES)
    .action(async (words, options) => {
      const output = options.output ?? DEFAULT_RECORDING;
      const rotate = options.output === undefined;
      await run(context, { ...options, command: words, output, quiet: true, rotate });
    });
}
