import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { VERBS } from '../../src/cli/verbs.ts';
import { expectNoControls } from '../lab/inert.ts';
import { umaptrace } from './run.ts';

const verbNames = [...VERBS.keys()];

/** A stream whose write is broken in a way that nobody expects. */
const broken = (): Writable => {
  const stream = new Writable();
  stream.write = () => {
    throw new TypeError('no \x1b[31m such');
  };
  return stream;
};

describe('umaptrace', () => {
  it('tells its version', async () => {
    expect(await umaptrace(['--version'])).toEqual({
      status: 0,
      stdout: `${manifest.version}\n`,
      stderr: '',
    });
  });

  it.each([['help'], ['help', 'report'], ['report', '--help']])(
    'helps when it is asked to: %s %s',
    async (...args) => {
      const { status, stdout, stderr } = await umaptrace(args);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain('Usage: umaptrace');
    },
  );

  it('refuses to give its standard output to a recording and to a command', async () => {
    const { status, stderr } = await umaptrace(['record', '-o', '-', '--', 'true']);
    expect(status).toBe(2);
    expect(stderr).toContain('cannot both have standard output');
  });

  it('helps, with examples', async () => {
    const { status, stdout } = await umaptrace(['--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('Examples:');
    for (const name of verbNames) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it.each(verbNames)('%s has help with examples', async (name) => {
    const { status, stdout } = await umaptrace([name, '--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('Example');
  });

  it.each([
    [[], 'Usage: umaptrace'],
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['reprot'], 'report'],
    [['report', '--no-such'], "unknown option '--no-such'"],
    [['report', 'a', 'b'], 'too many arguments'],
    [['report', '--format', 'xml'], 'Allowed choices are text'],
    [['report', '--pid', '-1'], 'A pid is a number above 0'],
    [['report', '--ufile', 'V1'], 'U1'],
    [['report', '--json', '--format', 'text'], 'contradict'],
  ])('%j is wrong usage: status 2, said on stderr', async (args, message) => {
    const { status, stdout, stderr } = await umaptrace(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('calls a bug a bug, and keeps the stack for those who ask', async () => {
    const short = await umaptrace(['report', '--schema'], { stdout: broken() });
    expect(short).toMatchObject({
      status: 70,
      stderr: expect.stringContaining('TypeError: no \\x1b[31m such\n'),
    });
    expect(short.stderr).not.toContain('main.test.ts');
    const long = await umaptrace(['report', '--schema'], { stdout: broken(), env: { UMAPTRACE_DEBUG: '1' } });
    expect(long.stderr).toContain('main.test.ts');
  });
});

describe('what is wrong', () => {
  it.each([
    ['report', '/nothing/\x1b[31m\u202e'],
    ['report', '--\x1b[31m'],
  ])('is told without what would act on a terminal: %j', async (...args) => {
    const { status, stderr } = await umaptrace(args);
    expect(status).toBe(2);
    expect(stderr).toContain('\\x1b[31m');
    expectNoControls(stderr);
  });

  it('names the file, also one whose name is in the message', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'umaptrace-'));
    await writeFile(join(folder, 'recording'), 'x\n');
    const entry = fileURLToPath(new URL('../../src/cli/entry.ts', import.meta.url));
    const words = ['--import', import.meta.resolve('tsx'), entry, 'report', 'recording'];
    const { stderr, exitCode } = await execa(process.execPath, words, { cwd: folder, reject: false });
    expect(stderr).toMatch(/^umaptrace: recording: this is not a recording/);
    expect(exitCode).toBe(2);
    await rm(folder, { recursive: true });
  });
});

describe('an error that nobody waited for', () => {
  it.each(['Promise.reject(new Error("lost"))', 'setTimeout(() => { throw new Error("lost"); })'])(
    'ends with 70, which is no verdict: %s',
    async (fails) => {
      const main = new URL('../../src/cli/main.ts', import.meta.url).href;
      const script = `import { endOnBugs } from '${main}'; endOnBugs(); setInterval(() => {}, 1000); ${fails};`;
      const words = ['--import', 'tsx', '--input-type=module', '-e', script];
      const { exitCode, stderr } = await execa(process.execPath, words, { reject: false });
      expect(exitCode).toBe(70);
      expect(stderr).toMatch(/^umaptrace .*: Error: lost\n {2}this is a bug/);
    },
  );
});
