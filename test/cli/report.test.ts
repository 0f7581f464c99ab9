import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HEADER } from '../recording/sample.ts';
import { unplug } from '../recording/unplug.ts';
import { render } from '../report/render.ts';
import { umaptrace } from './run.ts';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'umaptrace-'));
  file = join(folder, 'run.rec');
  await writeFile(file, unplug().bytes);
});
afterAll(() => rm(folder, { recursive: true }));

const write = async (name: string, content: string | Buffer): Promise<string> => {
  await writeFile(join(folder, name), content);
  return join(folder, name);
};

describe('umaptrace report', () => {
  it.each(['text', 'json', 'jsonl', 'md', 'html'] as const)('gives %s', async (format) => {
    const run = await umaptrace(['report', file, '--format', format]);
    expect(run).toEqual({ status: 0, stdout: render(format, unplug().bytes), stderr: '' });
  });

  it('takes --json for --format json', async () => {
    expect((await umaptrace(['report', file, '--json'])).stdout).toBe(render('json', unplug().bytes));
  });

  it('chooses the format by the name of the output', async () => {
    const output = join(folder, 'out.jsonl');
    expect(await umaptrace(['report', file, '-o', output])).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(await readFile(output, 'utf8')).toBe(render('jsonl', unplug().bytes));
    const again = await umaptrace(['report', file, '-o', output]);
    expect(again).toMatchObject({ status: 2, stderr: expect.stringContaining('--force') });
    expect((await umaptrace(['report', file, '-o', output, '--force'])).status).toBe(0);
  });

  it('writes a Perfetto trace byte by byte', async () => {
    const output = join(folder, 'out.pftrace');
    expect((await umaptrace(['report', file, '-o', output])).status).toBe(0);
    expect((await readFile(output)).length).toBeGreaterThan(1000);
  });

  it.each(['html', 'perfetto'])('does not write %s to a terminal', async (format) => {
    const terminal = Object.assign(new Writable({ write: (_chunk, _encoding, done) => done() }), {
      isTTY: true,
    });
    const run = await umaptrace(['report', file, '--format', format], { stdout: terminal });
    expect(run).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`${format} is not for a terminal`),
    });
  });

  it('shows what was mapped at a moment', async () => {
    const text = await umaptrace(['report', file, '--at', '+1s']);
    expect(text.stdout.split('\n').map((line) => line.split(/ +/).slice(0, 3).join(' '))).toEqual([
      'Mapped at +1.000000,',
      'U1 V1 unplug[312]',
      'U1 V2 unplug[312]',
      'U1 V3 unplug[313]',
      'U1 V4 unplug[313]',
      '',
    ]);
    const json = await umaptrace(['report', file, '--at', '1001450000000', '--json']);
    expect(JSON.parse(json.stdout)).toEqual({
      ns: '1001450000000',
      vmas: [
        {
          ufile: 'U1',
          vma: 'V1',
          pid: 312,
          start: '0x7f31c5a00000',
          end: '0x7f31c5a04000',
          kind: 'io',
          state: 'zapped',
        },
        {
          ufile: 'U1',
          vma: 'V2',
          pid: 312,
          start: '0x7f31c5a04000',
          end: '0x7f31c5a06000',
          kind: 'io',
          state: 'zapped',
        },
      ],
    });
    const one = await umaptrace(['report', file, '--at', '+1s', '--json', '--vma', 'v3']);
    expect(JSON.parse(one.stdout)).toMatchObject({ vmas: [{ vma: 'V1' }, { vma: 'V3' }] });
  });

  it.each([
    [['--vma', 'V99'], 'nothing matches --vma V99; the recording has V1 to V4'],
    [['--ufile', 'U2'], 'nothing matches --ufile U2; the recording has U1 only'],
    [['--comm', 'no\x1bbody', '--pid', '4'], 'nothing matches --pid 4 --comm no\\x1bbody'],
  ])('says that there is nothing for %j', async (args, message) => {
    for (const format of ['text', 'json', 'jsonl', 'md', 'html']) {
      const run = await umaptrace(['report', file, '--format', format, ...args]);
      expect(run).toMatchObject({ status: 0, stderr: `umaptrace: ${message}\n` });
    }
  });

  it('reads what can be read only once twice when it has to', async () => {
    const fifo = join(folder, 'fifo');
    await execa('mkfifo', [fifo]);
    const wrote = writeFile(fifo, unplug().bytes);
    const [run] = await Promise.all([umaptrace(['report', fifo, '--vma', 'V3']), wrote]);
    expect(run).toEqual({
      status: 0,
      stdout: render('text', unplug().bytes, { filters: { vma: 'V3' } }),
      stderr: '',
    });
  });

  it('prints the schema', async () => {
    expect(JSON.parse((await umaptrace(['report', '--schema'])).stdout)).toHaveProperty('properties.ufiles');
  });

  it.each([
    [['no-such.rec'], 'there is no file no-such.rec'],
    [[tmpdir()], 'is a folder, not a recording'],
    [[join(import.meta.dirname, 'run.ts')], 'this is not a recording of umaptrace: no header was found'],
  ])('refuses %j', async (args, message) => {
    expect(await umaptrace(['report', ...args])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });

  it('refuses a newer format by name', async () => {
    const newer = await write('newer.rec', `${JSON.stringify({ ...HEADER, format: 9 })}\n`);
    const { status, stderr } = await umaptrace(['report', newer]);
    expect(status).toBe(2);
    expect(stderr).toBe(
      `umaptrace: ${newer}: this recording has format 9; this umaptrace reads up to format 2\n  read it with the umaptrace that wrote it, or with a newer one\n`,
    );
  });

  it('does not empty the recording that it is to replace', async () => {
    const path = join(folder, 'own.rec');
    await copyFile(file, path);
    const { status } = await umaptrace([
      'report',
      path,
      '--format',
      'text',
      '--vma',
      'V1',
      '-o',
      path,
      '--force',
    ]);
    expect(status).toBe(0);
    expect(await readFile(path, 'utf8')).toContain('V1');
  });

  it('says so when --at is after the end', async () => {
    const { status, stderr } = await umaptrace(['report', file, '--at', '+1h']);
    expect(status).toBe(0);
    expect(stderr).toMatch(/--at is after the end of what was traced, \+\d/);
  });

  it.each([
    [['--at', 'noon'], '--at noon is not a point in time'],
    [['--since', '3s'], '--since 3s is not a point in time'],
    [['--since', '+2s', '--until', '+1s'], '--since +2s is later than --until +1s'],
    [['--at', '1s'], '--at 1s is not a point in time'],
    [['--at', '3'], '--at 3 is before the recording begins'],
    [['--at', '+1s', '--until', '+2s'], '--at is a moment'],
    [['--at', '+1s', '--format', 'jsonl'], '--at gives text or json'],
    [['--at', '+1s', '--format', 'html'], '--at gives text or json'],
    [['--schema', '--format', 'html'], 'html has no JSON Schema'],
    [['--cgroup', 'a'], 'A cgroup is /a/b'],
    [['--cgroup', ''], 'A cgroup is /a/b'],
  ])('refuses %j', async (args, message) => {
    const run = await umaptrace(['report', file, ...args]);
    expect(run).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  it('says when what was mapped at a moment may not be all', async () => {
    const [header = '', ...lines] = unplug().text.split('\n');
    const doubtful = await write(
      'doubtful.rec',
      [header, ...lines.slice(0, 4), 'Lost 9 events', ''].join('\n'),
    );
    const { stderr, status } = await umaptrace(['report', doubtful, '--at', '+0.01']);
    expect(status).toBe(0);
    expect(stderr).toMatch(/this may not be all: events: .*, 9 lost\n/);
    expect(stderr).toMatch(/this may not be all: not complete: the recording has no end/);
    expect((await umaptrace(['report', file, '--at', '+0.01'])).stderr).toBe('');
  });

  it('says when lines are not there that the end counts, and how many notes it left out', async () => {
    const lines = unplug().text.split('\n');
    const notes = Array.from({ length: 25 }, (_, i) => JSON.stringify({ note: { text: `note ${i}` } }));
    const kept = lines.filter((line) => !line.startsWith('Z '));
    const gone = lines.length - kept.length;
    expect(gone).toBeGreaterThan(0);
    const path = await write('absent.rec', [kept[0], ...notes, ...kept.slice(1)].join('\n'));
    const { stdout } = await umaptrace(['report', path]);
    expect(stdout).toMatch(new RegExp(`absent +${gone} event lines? that the recording's end counts`));
    expect(stdout).toMatch(/notes +5 more/);
    expect(JSON.parse((await umaptrace(['report', path, '--json'])).stdout)).toMatchObject({
      recording: { complete: false },
    });
  });

  it('shows a gap in every stretch of time that it covers', async () => {
    const lines = unplug().text.split('\n');
    const path = await write('gap.rec', lines.filter((line) => !line.startsWith('Z ')).join('\n'));
    const line = /^ +\+.*4 events lost on CPU 0/m;
    const within = ['--since', '+1.21s', '--until', '+1.25s'];
    expect((await umaptrace(['report', path, ...within])).stdout).toMatch(line);
    const after = ['--since', '+1.3s'];
    expect((await umaptrace(['report', path, ...after])).stdout).not.toMatch(line);
  });

  it('says in every format what was lost, unreadable and not complete', async () => {
    const [header = '', ...lines] = unplug().text.split('\n');
    const bytes = [header, ...lines.slice(0, 8), 'garbage', ...lines.slice(9, 20), 'M 1 2'].join('\n');
    const damaged = await write('damaged.rec', bytes);
    const { stdout: text } = await umaptrace(['report', damaged]);
    expect(text).toMatch(/not complete +the recording has no end/);
    expect(text).toMatch(/unreadable +2 lines: line 10 not an event; line 22 cut off/);
    expect(text).toMatch(/1 event lost on CPU 0/);
    const { stdout: json } = await umaptrace(['report', damaged, '--json']);
    const told = { complete: false, lost: 1, unreadable: { count: 2 } };
    expect(JSON.parse(json)).toMatchObject({ recording: told, gaps: [{ cpu: 0, lost: 1 }] });
    const { stdout: jsonl } = await umaptrace(['report', damaged, '--format', 'jsonl']);
    expect(JSON.parse(jsonl.trimEnd().split('\n').at(-1) ?? '')).toMatchObject(told);
    expect(jsonl).toContain('"what":"gap"');
  });

  it('ends cleanly when its reader leaves', async () => {
    const gone = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      },
    });
    expect(await umaptrace(['report', file], { stdout: gone })).toMatchObject({ status: 0, stderr: '' });
  });

  it('says so when the output cannot be written', async () => {
    const run = await umaptrace(['report', file, '-o', '/dev/full', '--force']);
    expect(run).toMatchObject({ status: 2, stderr: expect.stringContaining('ENOSPC') });
  });
});
