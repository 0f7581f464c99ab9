import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type ByteSink,
  openRecording,
  RecordingWriter,
  type SyncWhen,
  sudoOwner,
} from '../../src/recording/write.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'umaptrace-'));
});
afterEach(() => rm(folder, { recursive: true }));

const inFolder = (name: string): string => join(folder, name);
const MINE = { force: false, owner: null };

describe('openRecording', () => {
  it('writes in order to a file that only its owner reads', async () => {
    const writer = await openRecording(inFolder('a.rec'), MINE);
    const answers = await Promise.all([
      writer.write('one\n'),
      writer.write(Buffer.from('two\n')),
      writer.write('three\n'),
    ]);
    expect(answers).toEqual(Array(3).fill({ status: 'taken' }));
    expect(await writer.close()).toEqual({ written: 14, error: null });
    expect(await readFile(inFolder('a.rec'), 'utf8')).toBe('one\ntwo\nthree\n');
    expect((await stat(inFolder('a.rec'))).mode & 0o777).toBe(0o600);
  });

  it('does not replace a file unless told to, and then makes a new one', async () => {
    await writeFile(inFolder('a.rec'), 'old', { mode: 0o644 });
    await expect(openRecording(inFolder('a.rec'), MINE)).rejects.toMatchObject({
      message: `${inFolder('a.rec')} exists already`,
      hint: expect.stringContaining('--force'),
      exitCode: 2,
    });
    const before = await stat(inFolder('a.rec'));
    await (await openRecording(inFolder('a.rec'), { ...MINE, force: true })).close();
    const after = await stat(inFolder('a.rec'));
    expect(after.size).toBe(0);
    expect(after.mode & 0o777).toBe(0o600);
    expect(before.mode & 0o777).toBe(0o644);
  });

  it('never writes through a symbolic link', async () => {
    await symlink(inFolder('target'), inFolder('link'));
    for (const force of [false, true]) {
      await expect(openRecording(inFolder('link'), { ...MINE, force })).rejects.toMatchObject({
        exitCode: 2,
      });
    }
    await expect(stat(inFolder('target'))).rejects.toThrow();
  });

  it('says why a file cannot be made', async () => {
    await expect(openRecording(inFolder('no/such.rec'), MINE)).rejects.toMatchObject({
      message: `cannot write ${inFolder('no/such.rec')}: its folder does not exist`,
    });
  });

  it('tells a full disk once, and goes on', async () => {
    const writer = await openRecording('/dev/full', { ...MINE, force: true });
    await writer.write('one\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await writer.write('two\n')).toMatchObject({ status: 'failed', error: { code: 'ENOSPC' } });
    expect(await writer.write('three\n')).toEqual({ status: 'dropped' });
    expect(await writer.close()).toMatchObject({ written: 0, error: { code: 'ENOSPC' } });
  });
});

describe('RecordingWriter', () => {
  it('makes its caller wait for a slow disk', async () => {
    let letGo = (): void => {};
    const slow: ByteSink = {
      write: () => new Promise((resolve) => (letGo = resolve)),
      close: async () => {},
    };
    const writer = new RecordingWriter(slow);
    expect(await writer.write(Buffer.alloc(1 << 20))).toEqual({ status: 'taken' });
    let waited = true;
    const big = writer.write(Buffer.alloc(64 << 20)).then(() => {
      waited = false;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(waited).toBe(true);
    letGo();
    await new Promise((resolve) => setTimeout(resolve, 20));
    letGo();
    await big;
    expect(writer.written).toBe(65 << 20);
    // What has been written is not waited for again.
    expect(await writer.write(Buffer.alloc(1))).toEqual({ status: 'taken' });
  });

  /** What is done to a sink by a writer that is given two pieces, and closed a while later. */
  async function done(sync: SyncWhen, whileMs = 0): Promise<string[]> {
    const calls: string[] = [];
    const sink: ByteSink = {
      write: async (bytes) => void calls.push(`write ${bytes.length}`),
      sync: async () => void calls.push('sync'),
      close: async () => void calls.push('close'),
    };
    const writer = new RecordingWriter(sink, sync);
    await writer.write('one');
    await vi.advanceTimersByTimeAsync(whileMs);
    await writer.write('four');
    await vi.advanceTimersByTimeAsync(whileMs);
    await writer.close();
    return calls;
  }

  it('has what was written on the disk as soon as was asked for', async () => {
    vi.useFakeTimers();
    try {
      expect(await done('never', 5000)).toEqual(['write 3', 'write 4', 'close']);
      expect(await done('each')).toEqual(['write 3', 'sync', 'write 4', 'sync', 'close']);
      expect(await done('second')).toEqual(['write 3', 'write 4', 'sync', 'close']);
      expect(await done('second', 5000)).toEqual(['write 3', 'sync', 'write 4', 'sync', 'close']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('begins no sync while another is under way, and tells one that failed', async () => {
    vi.useFakeTimers();
    try {
      let syncs = 0;
      let fail = (_: Error): void => {};
      const sink: ByteSink = {
        write: async () => {},
        sync: () => {
          syncs++;
          return new Promise((_, reject) => (fail = reject));
        },
        close: async () => {},
      };
      const writer = new RecordingWriter(sink, 'second');
      await writer.write('one');
      await vi.advanceTimersByTimeAsync(1000);
      await writer.write('two');
      await vi.advanceTimersByTimeAsync(5000);
      expect(syncs).toBe(1);
      fail(new Error('the disk is gone'));
      await vi.advanceTimersByTimeAsync(0);
      expect(await writer.write('three')).toMatchObject({ status: 'failed' });
      expect(await writer.close()).toMatchObject({ error: { message: 'the disk is gone' } });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('rotate', () => {
  it('keeps an existing file as .old, once the new one is placed', async () => {
    const names = async (): Promise<string[]> => (await readdir(folder)).toSorted();
    await (await openRecording(inFolder('a.rec'), { ...MINE, rotate: true })).close();
    expect(await names()).toEqual(['a.rec']);
    await writeFile(inFolder('a.rec'), 'new');
    await writeFile(inFolder('a.rec.old'), 'older');
    const writer = await openRecording(inFolder('a.rec'), { ...MINE, rotate: true });
    expect(await readFile(inFolder('a.rec'), 'utf8')).toBe('new');
    await writer.place();
    await writer.write('newest');
    await writer.close();
    expect(await names()).toEqual(['a.rec', 'a.rec.old']);
    expect(await readFile(inFolder('a.rec.old'), 'utf8')).toBe('new');
    expect(await readFile(inFolder('a.rec'), 'utf8')).toBe('newest');
  });
});

describe('sudoOwner', () => {
  it.each([
    [{ SUDO_UID: '1000', SUDO_GID: '1001' }, 0, { uid: 1000, gid: 1001 }],
    [{ SUDO_UID: '1000', SUDO_GID: '1001' }, 1000, null],
    [{ SUDO_UID: '-1', SUDO_GID: '0x1' }, 0, null],
    [{}, 0, null],
  ])('of %j as uid %i is %j', (env, uid, owner) => {
    expect(sudoOwner(env, uid)).toEqual(owner);
  });
});
