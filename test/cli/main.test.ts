import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { VERBS } from '../../src/cli/verbs.ts';
import { umaptrace } from './run.ts';

const verbNames = VERBS.map((verb) => {
  const never = (): never => {
    throw new Error('not run');
  };
  return verb({
    stdout: process.stdout,
    stderr: process.stderr,
    env: {},
    get status(): number {
      return never();
    },
    set status(_: number) {
      never();
    },
  }).name();
});

describe('umaptrace', () => {
  it('tells its version', async () => {
    expect(await umaptrace(['--version'])).toEqual({
      status: 0,
      stdout: `${manifest.version}\n`,
      stderr: '',
    });
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
});
