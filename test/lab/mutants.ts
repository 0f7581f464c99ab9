/** Runs kernels with a defect under a trace, and holds what `umaptrace check` says of each against what it should. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import * as v from 'valibot';
import { type Lab, openLab } from '../../lab/boot.ts';
import { mutantModule } from '../../lab/mutants/build.ts';
import { findMutant } from '../../lab/mutants/mutants.ts';
import type { Progress } from '../../lab/progress.ts';
import { checkSchema, timelineSchema } from '../../src/report/schema.ts';
import { record, report, type Traced, UMAPTRACE } from './traced.ts';
import { type Conviction, PAGE, REBUILT, STOCK, type Trial } from './trials.ts';
import type { MappedRange, Truth } from './truth.ts';

type Finding = v.InferOutput<typeof checkSchema>['findings'][number];

interface Named extends MappedRange {
  readonly vma: string;
  /** Whether the finding's text names the process, too. */
  readonly inWords: boolean;
}

/** What came of a trial. */
export interface Sentence {
  readonly trial: Trial;
  /** null: there is no recording. */
  readonly verdict: string | null;
  /** Findings that are more than information. */
  readonly findings: readonly Finding[];
  /** The VMAs that the findings of the expected rule name. */
  readonly named: readonly Named[];
  /** In what it is not as it should be; empty when it is. */
  readonly wrong: readonly string[];
  /** The host's path of the recording. */
  readonly recording: string | null;
}

/** Builds the ib_uverbs of a kernel. @returns the host's path of it; null: it is the kernel's own */
async function moduleOf({ kernel }: Trial, progress: Progress): Promise<string | null> {
  if (kernel === STOCK) return null;
  return mutantModule(kernel === REBUILT ? null : findMutant(kernel), progress);
}

/**
 * Runs trials, one after the other, in as few guests as can be: one that is expected to make the kernel complain gets
 * a guest of its own, and so does whatever follows a trial that could not be brought to its end.
 */
export async function* runTrials(trials: readonly Trial[], progress: Progress): AsyncGenerator<Sentence> {
  for (const trial of trials) await moduleOf(trial, progress);
  let lab: Lab | null = null;
  try {
    for (const trial of trials) {
      if (trial.complaints !== undefined) await lab?.close();
      if (lab === null || trial.complaints !== undefined) {
        lab = await openLab({ progress, allowOops: trial.complaints });
      }
      const sentence: Sentence | Error = await runTrial(lab, trial, progress).catch(asError);
      if (sentence instanceof Error || trial.complaints !== undefined) {
        await lab.close();
        lab = null;
      }
      yield sentence instanceof Error ? unfinished(trial, sentence) : sentence;
    }
  } finally {
    await lab?.close();
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

const unfinished = (trial: Trial, { message }: Error): Sentence => ({
  ...{ trial, verdict: null, findings: [], named: [], recording: null },
  wrong: [message],
});

/** Loads a kernel's ib_uverbs, runs the workload under a trace, and holds the verdict against what is expected. */
async function runTrial(lab: Lab, trial: Trial, progress: Progress): Promise<Sentence> {
  const { kernel, workload } = trial;
  progress.say(kernel, workload.join(' '));
  const module = await moduleOf(trial, progress);
  if (module !== null) await copyFile(module, join(lab.share, `${kernel}.ko`));
  const name = module === null ? STOCK : `/share/${kernel}.ko`;
  const loaded = await lab.run(['uverbs-module', name], { timeoutSeconds: 60 });
  if (loaded.status !== 0) throw new Error(`${kernel} could not be loaded:\n${loaded.stderr}`);
  const traced = await record(lab, [kernel, ...workload].join('-').replace(/-+/g, '-'), workload);
  progress.done(kernel);
  return judge(trial, traced);
}

/** What the real command says of a recording, and whether it is what it should be. */
async function judge(trial: Trial, { result, truth, recording }: Traced): Promise<Sentence> {
  const { conviction } = trial;
  const failed = result.status === 0 ? [] : [`the workload ended with ${result.status}: ${result.stderr}`];
  const checked = await check(recording);
  const findings = checked.findings.filter(({ severity }) => severity !== 'info');
  const named = await placesOf(
    recording,
    findings.filter(({ rule }) => rule === conviction?.rule),
  );
  const wrong = [
    ...surplus(trial, checked),
    ...(conviction === null ? [] : misnamed(conviction, named, truth)),
  ];
  return { trial, verdict: checked.verdict, findings, named, wrong: [...failed, ...wrong], recording };
}

type Checked = v.InferOutput<typeof checkSchema> & { readonly status: number | undefined };

async function check(recording: string): Promise<Checked> {
  const args = [UMAPTRACE, 'check', recording, '--format', 'json'];
  const { stdout, exitCode } = await execa(process.execPath, args, { reject: false });
  return { ...v.parse(checkSchema, JSON.parse(stdout)), status: exitCode };
}

/** Where the VMAs are that findings name. */
async function placesOf(recording: string, findings: readonly Finding[]): Promise<Named[]> {
  const { ufiles } = v.parse(timelineSchema, JSON.parse(await report(recording, '--format', 'json')));
  const vmas = new Map(ufiles.flatMap((ufile) => ufile.vmas.map((vma) => [vma.id, vma])));
  return findings.flatMap(({ vma: id, message }) => {
    const vma = id === null ? undefined : vmas.get(id);
    if (vma === undefined) return [];
    const { pid, start, end } = vma;
    const inWords = pid !== null && message.includes(`pid ${pid} `);
    return [{ vma: vma.id, pid, start: Number(start), end: Number(end), inWords }];
  });
}

/** What the real command says besides what it should: the verdict with its exit code, and findings of other rules. */
function surplus({ conviction, verdict }: Trial, checked: Checked): string[] {
  const others = checked.findings.filter(
    ({ severity, rule }) =>
      severity !== 'info' && !(severity === conviction?.severity && rule === conviction.rule),
  );
  const wrong = others.map(({ severity, rule, message }) => `${severity} of ${rule}: ${message}`);
  if (checked.verdict === verdict && checked.status === EXIT_OF[verdict]) return wrong;
  const missing = checked.missing.map(({ what }) => `missing: ${what}`);
  return [...wrong, `the verdict is ${checked.verdict} (exit code ${checked.status})`, ...missing];
}

const EXIT_OF = { pass: 0, violation: 1, vacuous: 3 } as const;

const placeText = ({ pid, start, end }: MappedRange): string =>
  `${(end - start) / PAGE}p at 0x${start.toString(16)} of pid ${pid}`;

/** In what the findings of the expected rule do not name the VMAs and processes that the workload tells. */
function misnamed({ rule, vmas }: Conviction, named: readonly Named[], truth: Truth): string[] {
  const wanted = vmas(truth).map(placeText);
  const told = named.map(placeText);
  return [
    ...(wanted.length === 0 ? ['the workload did not tell which VMAs are to be named'] : []),
    ...wanted.filter((place) => !told.includes(place)).map((place) => `${rule} does not name ${place}`),
    ...told.filter((place) => !wanted.includes(place)).map((place) => `${rule} names ${place}`),
    ...named.filter(({ inWords }) => !inWords).map(({ vma }) => `the finding about ${vma} names no process`),
  ];
}

/** A line of the table that npm run mutants prints: kernel, rule, severity, process and VMAs; then what is wrong. */
export function sentenceText({ trial, verdict, named, wrong, recording }: Sentence): string {
  const { kernel, workload, conviction } = trial;
  const judged = conviction === null ? ['-', verdict ?? '-'] : [conviction.rule, conviction.severity];
  const [rule = '', severity = ''] = judged;
  const line = [
    wrong.length === 0 ? 'ok   ' : 'WRONG',
    kernel.padEnd(14),
    rule.padEnd(16),
    severity.padEnd(9),
  ];
  const rest = conviction === null ? workload.join(' ') : placesText(named);
  const kept = wrong.length === 0 ? [] : [...wrong, `kept: ${recording ?? 'no recording'}`];
  return [
    `${line.join(' ')} ${rest}`,
    ...kept.map((each) => `      ${each.replaceAll('\n', '\n      ')}`),
  ].join('\n');
}

/** VMAs by process: `pid 425: V4 4p at 0x7f33f26cb000, V5 ...`. */
function placesText(named: readonly Named[]): string {
  const pids = [...new Set(named.map(({ pid }) => pid))];
  const of = (pid: number | null): string =>
    named
      .filter((each) => each.pid === pid)
      .map(({ vma, start, end }) => `${vma} ${(end - start) / PAGE}p at 0x${start.toString(16)}`)
      .join(', ');
  return pids.map((pid) => `pid ${pid}: ${of(pid)}`).join('; ');
}
