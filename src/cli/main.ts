/** The command line: verbs, help, and what becomes of errors. */
import { Command, CommanderError } from '@commander-js/extra-typings';
import { EXIT } from '../exit.ts';
import { escapeLines, escapeText } from '../report/escape.ts';
import { UserError } from '../user-error.ts';
import type { Context } from './context.ts';
import { VERBS, type Verb } from './verbs.ts';
import { VERSION } from './version.ts';

const DESCRIPTION = `Traces what becomes of device memory that RDMA programs map: who maps it, what a
fork, split or move makes of it, what a disassociation revokes, who touches it afterwards.`;

const EXAMPLES = `
Examples:
  sudo umaptrace trace -- ibv_rc_pingpong        watch one program
  sudo umaptrace record -o run.rec --duration 60s
  umaptrace report run.rec                       the timeline, afterwards

umaptrace VERB --help tells more.

Exit codes:
  0    good; check: pass
  1    check: a violation
  2    wrong usage, or input that cannot be read
  3    check: inconclusive or vacuous
  4    this machine cannot do it: umaptrace doctor says why
  5    the recording could not be written whole
  70   a bug in umaptrace
  130  left at once by a second Ctrl-C
With COMMAND its own status, unless umaptrace itself failed.`;

const REPORT_BUG = 'this is a bug: run it again with UMAPTRACE_DEBUG=1 and report what it says';

/** The verb that is asked for; all of them where there is no such one, for the help and for suggestions. */
function verbsFor(word: string | undefined): Promise<Verb[]> {
  const asked = VERBS.get(word ?? '');
  const loads = asked === undefined ? [...VERBS.values()] : [asked];
  return Promise.all(loads.map((load) => load()));
}

function makeProgram(context: Context, verbs: readonly Verb[]): Command {
  const program = new Command('umaptrace')
    .description(DESCRIPTION)
    .version(VERSION, '-V, --version')
    .addHelpText('after', EXAMPLES)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: (text, write) => write(escapeLines(text.replace(/^error: /, 'umaptrace: '))),
    })
    .showSuggestionAfterError(true);
  for (const verb of verbs) program.addCommand(verb(context).copyInheritedSettings(program));
  return program;
}

/** Help that was asked for is no error; everything else that commander ends with is wrong usage. */
function usageStatus(context: Context, error: CommanderError): number {
  if (error.exitCode === 0) return EXIT.good;
  if (error.code === 'commander.help') return EXIT.usage;
  context.stderr.write('  see umaptrace --help\n');
  return EXIT.usage;
}

function userStatus(context: Context, error: UserError): number {
  const text = `umaptrace: ${error.message}\n${error.hint === null ? '' : `  ${error.hint}\n`}`;
  context.stderr.write(escapeLines(text));
  return error.exitCode;
}

function bugStatus(context: Context, error: unknown): number {
  const short = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = error instanceof Error ? (error.stack ?? short) : short;
  const text = context.env['UMAPTRACE_DEBUG'] === '1' ? stack : escapeText(short);
  context.stderr.write(`umaptrace ${VERSION}: ${text}\n  ${REPORT_BUG}\n`);
  return EXIT.bug;
}

/** What an error means for the exit status; says what there is to say about it. */
function statusOf(context: Context, error: unknown): number {
  if (error instanceof CommanderError) return usageStatus(context, error);
  if (error instanceof UserError) return userStatus(context, error);
  return bugStatus(context, error);
}

/**
 * Runs a command line. Resolves with the exit status.
 * @param argv the words after the program's name
 */
export async function main(argv: readonly string[], context: Context = processContext()): Promise<number> {
  try {
    await makeProgram(context, await verbsFor(argv[0])).parseAsync(argv, { from: 'user' });
    return context.status;
  } catch (error) {
    return statusOf(context, error);
  }
}

/** Ends this process, with the status that stands for it, on an error that nobody waited for. */
export function endOnBugs(context: Context = processContext()): void {
  process.on('uncaughtException', (error) => process.exit(statusOf(context, error)));
}

/** This process. */
function processContext(): Context {
  const { stdout, stderr, env } = process;
  for (const stream of [stdout, stderr]) stream.on('error', () => {});
  return { stdout, stderr, env, status: EXIT.good };
}
