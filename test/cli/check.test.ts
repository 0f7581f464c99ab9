import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { execa } from 'execa';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { RULES } from '../../src/check/rules.ts';
import { type HeaderInput, jsonLine } from '../../src/recording/format.ts';
import { checkSchema } from '../../src/report/schema.ts';
import { lifecycle } from '../recording/lifecycle.ts';
import {
  close,
  type EventBody,
  free,
  kernel,
  mmap,
  mmapIo,
  ORIGIN,
  open,
  removeBegin,
  removeEnd,
  Sample,
  teardownBegin,
  teardownEnd,
  WALL,
  zap,
  zappingBegin,
  zappingEnd,
} from '../recording/sample.ts';
import { unplug } from '../recording/unplug.ts';
import { umaptrace } from './run.ts';

const app = { pid: 312, comm: '<app>\x1b[31m' };
const rdma = { pid: 320, comm: 'rdma' };
const mapping = {
  vma: kernel(0x100),
  mm: kernel(0xa000),
  start: 0x7f31c5a00000,
  pages: 4,
  umap: kernel(0x180),
};

function halfZap(): EventBody {
  const whole = zap(mapping, 1000);
  return whole.what === 'zap' ? { ...whole, size: whole.size / 2 } : whole;
}

/** A removal that zaps half of a VMA. */
const broken = (header: Partial<HeaderInput> = {}): Sample =>
  new Sample(header)
    .tell(0, app, open())
    .tell(10, app, mmapIo(mapping, 0xfd000))
    .tell(1_000, rdma, removeBegin())
    .tell(1_100, rdma, teardownBegin())
    .tell(1_200, rdma, zappingBegin())
    .tell(1_300, rdma, halfZap())
    .tell(1_400, rdma, zappingEnd())
    .tell(1_500, rdma, teardownEnd())
    .tell(1_600, rdma, removeEnd());

const idle = (): Sample => new Sample().tell(0, app, open()).tell(10, app, mmap(mapping, 0)).end(2_000);

const SAMPLES = {
  pass: unplug(),
  violation: broken().end(2_000),
  inconclusive: lifecycle(),
  vacuous: idle(),
};
const STATUS = { pass: 0, violation: 1, inconclusive: 3, vacuous: 3 };
const VERDICTS = ['pass', 'violation', 'inconclusive', 'vacuous'] as const;

let folder: string;
const file = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'umaptrace-'));
  for (const [name, sample] of Object.entries(SAMPLES)) await writeFile(file(`${name}.rec`), sample.bytes);
});
afterAll(() => rm(folder, { recursive: true }));

const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

/** The SARIF 2.1.0 schema, as a check of a document. */
function sarifErrors(document: unknown): unknown {
  const schema = json(
    createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'),
  );
  if (typeof schema !== 'object' || schema === null) throw new Error('no schema');
  const ajv = new Ajv.default({ strict: false, unicodeRegExp: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  validate(document);
  return validate.errors;
}

describe.each(VERDICTS)('umaptrace check, of a recording that gives %s', (verdict) => {
  const check = (...args: string[]) => umaptrace(['check', file(`${verdict}.rec`), ...args]);

  it('says so, and exits with it', async () => {
    const run = await check();
    expect(run.status).toBe(STATUS[verdict]);
    expect(run.stdout).toMatch(new RegExp(`^Verdict {2}${verdict}: `, 'm'));
    expect(run.stderr).toBe('');
    expect(run.stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    for (const line of run.stdout.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(79);
  });

  it('gives JSON that is what the schema says', async () => {
    const run = await check('--json');
    expect(run.status).toBe(STATUS[verdict]);
    const parsed: unknown = JSON.parse(run.stdout);
    expect(v.parse(checkSchema, parsed)).toEqual(parsed);
    expect(parsed).toMatchObject({ verdict });
  });

  it('gives SARIF that its schema knows', async () => {
    const run = await check('--format', 'sarif');
    expect(run.status).toBe(STATUS[verdict]);
    const log: unknown = JSON.parse(run.stdout);
    expect(sarifErrors(log)).toBeNull();
    expect(log).toMatchObject({
      runs: [{ properties: { verdict }, tool: { driver: { name: 'umaptrace' } } }],
    });
    const errors = run.stdout.match(/"level":"error"/g)?.length ?? 0;
    const violations = RULES.filter(({ severity }) => severity === 'violation').length;
    expect(errors).toBe(violations + (verdict === 'violation' ? 1 : 0));
  });

  it('gives JUnit XML that its schema knows', async () => {
    const run = await check('--format', 'junit');
    expect(run.status).toBe(STATUS[verdict]);
    const schema = readFileSync(new URL('../report/junit.xsd', import.meta.url), 'utf8');
    const { errors } = await validateXML({
      xml: [{ fileName: 'check.xml', contents: run.stdout }],
      schema: [{ fileName: 'junit.xsd', contents: schema }],
    });
    expect(errors).toEqual([]);
    expect(run.stdout.match(/<testcase /g)).toHaveLength(RULES.length + 1);
    expect(run.stdout.includes('<failure')).toBe(verdict === 'violation');
    expect(run.stdout.includes('<error')).toBe(verdict === 'inconclusive');
  });
});

describe('umaptrace check, as a process', () => {
  const ENTRY = fileURLToPath(new URL('../../src/cli/entry.ts', import.meta.url));
  const run = (...args: string[]) =>
    execa(process.execPath, ['--import', 'tsx', ENTRY, 'check', ...args], { reject: false, stdin: 'ignore' });

  it.each(VERDICTS)('exits with %s', async (verdict) => {
    const { exitCode, stdout } = await run(file(`${verdict}.rec`));
    expect(exitCode).toBe(STATUS[verdict]);
    expect(stdout).toContain(`Verdict  ${verdict}: `);
  });

  it('reads standard input, and exits with 2 when that is no recording', async () => {
    const piped = (input: string | Uint8Array) =>
      execa(process.execPath, ['--import', 'tsx', ENTRY, 'check', '-'], { reject: false, input });
    expect((await piped(SAMPLES.violation.bytes)).exitCode).toBe(1);
    expect((await piped('no recording\n')).exitCode).toBe(2);
  });

  it('exits with 2 for wrong usage', async () => {
    expect((await run('--no-such-option')).exitCode).toBe(2);
    expect((await run(file('no-such.rec'))).exitCode).toBe(2);
  });
});

describe('umaptrace check, of a recording that stops', () => {
  const mark = (us: number): string =>
    jsonLine({ mark: { boot: `${ORIGIN + BigInt(us) * 1000n}`, wall: `${WALL}`, events: 1 } });
  /** Half a zap, 3 s before the last event; the marks say when that was told. */
  const stopped = (count: number, first: number, last: number): Sample =>
    broken({ buffers: { count, bytes: 1 << 24 } })
      .line(mark(first))
      .tell(3_000_000, app, open(kernel(0x900)))
      .line(mark(last));
  const soon = [100_000, 3_100_000] as const;
  const late = [8_000_000, 9_000_000] as const;

  it.each([
    { of: 'all CPUs', count: 1, marks: late, status: 1 },
    { of: 'each CPU, and bpftrace was not behind', count: 2, marks: soon, status: 1 },
    { of: 'each CPU, and bpftrace was behind by more', count: 2, marks: late, status: 3 },
  ])('with a buffer of $of, exits with $status', async ({ count, marks: [first, last], status }) => {
    await writeFile(file('stopped.rec'), stopped(count, first, last).bytes);
    expect(await umaptrace(['check', file('stopped.rec')])).toMatchObject({ status });
  });
});

describe('umaptrace check, of a trace that ends while things happen', () => {
  const boot = (us: number): string => `${ORIGIN + BigInt(us) * 1000n}`;
  const ending = (us: number): string =>
    jsonLine({ mark: { boot: boot(us), wall: `${WALL}`, events: 2, ending: true } });
  /** A process exits; the probe that would have told that its VMA is closed is detached already. */
  const halfDetached = (begin: Sample): Sample =>
    begin.tell(2_000, app, close()).tell(2_100, app, free()).end(9_000_000);
  const begun = (): Sample => new Sample().tell(120, app, open()).tell(1_500, app, mmapIo(mapping, 0xfd000));

  it('leaves out what only some of the probes told', async () => {
    await writeFile(file('whole.rec'), halfDetached(begun()).bytes);
    expect((await umaptrace(['check', file('whole.rec')])).status).toBe(1);
    await writeFile(file('ending.rec'), halfDetached(begun().line(ending(1_900))).bytes);
    const { stdout } = await umaptrace(['check', file('ending.rec')]);
    expect(stdout).toContain('Verdict  vacuous');
  });

  it('does not count the time that detaching took as a standstill', async () => {
    const removing = (begin: Sample): Sample => begin.tell(1_800, app, removeBegin());
    await writeFile(file('whole.rec'), removing(begun()).end(20_000_000).bytes);
    expect((await umaptrace(['check', file('whole.rec')])).stdout).toContain('stuck-remove');
    await writeFile(file('ending.rec'), removing(begun()).line(ending(1_900)).end(20_000_000).bytes);
    expect((await umaptrace(['check', file('ending.rec')])).stdout).not.toContain('stuck-remove');
  });
});

describe('umaptrace check', () => {
  it('names the rule, the VMA, the process and the events of a violation', async () => {
    const { stdout } = await umaptrace(['check', file('violation.rec')]);
    expect(stdout).toMatch(/violation +zap-short +U1 V1/);
    expect(stdout).toContain('pid 312 (<app>\\x1b[31m)');
    expect(stdout).toMatch(/event \d+, \d+/);
  });

  it('chooses the format by the name of the output', async () => {
    const output = file('out.sarif');
    expect(await umaptrace(['check', file('pass.rec'), '-o', output])).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
    expect(JSON.parse(await readFile(output, 'utf8'))).toHaveProperty('version', '2.1.0');
    const again = await umaptrace(['check', file('pass.rec'), '-o', output]);
    expect(again).toMatchObject({ status: 2, stderr: expect.stringContaining('--force') });
    expect((await umaptrace(['check', file('violation.rec'), '-o', output, '--force'])).status).toBe(1);
  });

  it.each(RULES.map(({ name }) => name))('explains %s', async (name) => {
    const { status, stdout } = await umaptrace(['check', '--explain', name]);
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${name} \\((violation|warning|info)\\)\n\nHolds when\n`));
    expect(stdout).toContain('\nExample\n');
  });

  it.each([
    [['--explain', 'no-such-rule'], 'Allowed choices are zap-missed'],
    [['--format', 'html'], 'Allowed choices are text, json, junit, sarif'],
    [['--json', '--format', 'sarif'], 'contradict each other'],
    [['no-such.rec'], 'there is no file no-such.rec'],
    [[import.meta.filename], 'is not a recording'],
  ])('refuses %j', async (args, message) => {
    const run = await umaptrace(['check', ...args]);
    expect(run).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(message) });
  });
});
