/** umaptrace report: what a recording shows. */
import { Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { EXIT } from '../exit.ts';
import { FORMAT_NAMES, FORMATS, type FormatName } from '../report/formats.ts';
import { isSchemaName, jsonSchemaText } from '../report/json-schema.ts';
import { UserError } from '../user-error.ts';
import type { Context } from './context.ts';
import { chooseFormat } from './format.ts';
import { cgroup, objectName, pid } from './options.ts';
import { type ReportRequest, runReport } from './run-report.ts';

const EXAMPLES = `
Examples:
  umaptrace report                               the timeline of umaptrace.rec
  umaptrace report run.rec --vma V7              one VMA's life
  umaptrace report --since +1.5s --until +2s     half a second of it
  umaptrace report --at +3s --json               what was mapped 3 s after the start
  umaptrace report --cgroup '*/docker-3f2a*'     what a container mapped
  umaptrace report -o report.html                a page to look around in, in one file
  umaptrace report --format md                   for a bug report
  umaptrace report -o timeline.json              the whole of it, for programs
  umaptrace report -o timeline.pftrace           for Perfetto's viewer
  ssh host umaptrace record -o - | umaptrace report -

Points in time: nanoseconds since boot, +3.5s from the start, 12:30:05, or
2025-11-22T12:30:05.5Z.

Cgroups: /a/b is that one and all below it; * is any text. Where a process was when it
mapped, or was forked. A number is the inode of the cgroup's directory.`;

/** Prints the JSON Schema of what the format gives out. */
function printSchema(context: Context, format: FormatName, at: boolean): number {
  const name = at ? 'at' : format === 'text' ? 'json' : format;
  if (!isSchemaName(name)) {
    throw new UserError(`${format} has no JSON Schema`, { exitCode: EXIT.usage });
  }
  context.stdout.write(jsonSchemaText(name));
  return EXIT.good;
}

function command() {
  return new Command('report')
    .summary('show what a recording tells')
    .description(
      'Shows what a recording tells: as text, as a web page, for bug reports, for programs. Needs no root.',
    )
    .argument('[file]', 'the recording; - is standard input', 'umaptrace.rec')
    .addOption(new Option('--format <name>', 'form of the report').choices(FORMAT_NAMES))
    .option('--json', 'the same as --format json')
    .option('-o, --output <file>', 'write to a file; its extension chooses the format')
    .option('--force', 'replace the output file if it exists')
    .option('--at <time>', 'what was mapped at that moment')
    .option('--since <time>', 'leave out what came before')
    .option('--until <time>', 'leave out what came after')
    .option('--ufile <name>', 'only this ufile: U1', objectName('U'))
    .option('--vma <name>', 'only this VMA, its ancestors and its descendants: V7', objectName('V'))
    .option('--pid <pid>', 'only VMAs of this process and its children', pid)
    .option('--comm <name>', 'only VMAs of processes of this name and their children')
    .option('--device <name>', 'only this device: rxe0 or uverbs0')
    .option('--cgroup <path>', 'only VMAs of processes in this cgroup (v2) and their children', cgroup)
    .option('--all', 'list all findings, however many')
    .option('--absolute', 'wall-clock times instead of times from the start, in text')
    .option('--no-pager', 'do not show text through $PAGER')
    .addOption(new Option('--schema', 'print the JSON Schema of the format instead').conflicts('output'))
    .addHelpText('after', EXAMPLES);
}

type Options = ReturnType<ReturnType<typeof command>['opts']>;

function requestOf(file: string, options: Options): ReportRequest {
  const format = chooseFormat(FORMAT_NAMES, FORMATS, options);
  if (options.at !== undefined && format !== 'text' && format !== 'json') {
    throw new UserError('--at gives text or json', { exitCode: EXIT.usage });
  }
  return { ...options, file, format };
}

/** The verb's command. */
export function reportVerb(context: Context): CommandUnknownOpts {
  return command().action(async (file, options) => {
    const request = requestOf(file, options);
    context.status =
      options.schema === true
        ? printSchema(context, request.format, options.at !== undefined)
        : await runReport(context, request);
  });
}
