import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unplug } from '../recording/unplug.ts';
import { umaptrace } from './run.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'umaptrace-'));
  await writeFile(at('run.rec'), unplug().bytes);
  await writeFile(at('key'), 'a key');
  await writeFile(at('empty'), '');
});
afterAll(() => rm(folder, { recursive: true }));

describe('umaptrace redact', () => {
  it('writes the same copy twice with the same key, for its owner only', async () => {
    for (const name of ['one', 'two']) {
      const run = await umaptrace(['redact', at('run.rec'), '-o', at(name), '--key-file', at('key')]);
      expect(run).toEqual({ status: 0, stdout: '', stderr: '' });
    }
    expect(await readFile(at('one'))).toEqual(await readFile(at('two')));
    expect((await stat(at('one'))).mode & 0o777).toBe(0o600);
    expect((await umaptrace(['report', at('one')])).status).toBe(0);
  });

  it('takes a new key when none is given', async () => {
    const copies = await Promise.all([1, 2].map(() => umaptrace(['redact', at('run.rec'), '-o', '-'])));
    expect(copies[0]?.stdout).toContain('"umaptrace":"recording"');
    expect(copies[0]?.stdout).not.toBe(copies[1]?.stdout);
  });

  it.each([
    [['no.rec', '-o', 'x'], 'there is no file'],
    [['run.rec'], "required option '-o"],
    [['run.rec', '-o', 'one'], 'exists already'],
    [['run.rec', '-o', 'x', '--key-file', 'no'], 'cannot read the key'],
    [['run.rec', '-o', 'x', '--key-file', 'empty'], 'is empty'],
    [['key', '-o', 'x'], 'not a recording'],
  ])('refuses %j', async (words, message) => {
    const args = words.map((word) => (word.startsWith('-') ? word : at(word)));
    const run = await umaptrace(['redact', ...args]);
    expect(run).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(message) });
    await expect(stat(at('x'))).rejects.toThrow();
  });

  it('takes a half copy back when it is interrupted', async () => {
    const entry = fileURLToPath(new URL('../../src/cli/entry.ts', import.meta.url));
    const run = execa(process.execPath, ['--import', 'tsx', entry, 'redact', '-', '-o', at('half')], {
      stdin: 'pipe',
      reject: false,
    });
    run.stdin.write(unplug().bytes);
    const written = () =>
      stat(at('half')).then(
        ({ size }) => size > 0,
        () => false,
      );
    while (!(await written())) await sleep(20);
    run.kill('SIGINT');
    expect(await run).toMatchObject({ signal: 'SIGINT' });
    await expect(stat(at('half'))).rejects.toThrow('ENOENT');
  });
});
