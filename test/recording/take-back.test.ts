import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openRecording } from '../../src/recording/write.ts';

describe('a recording that was never begun', () => {
  const folder = mkdtempSync(join(tmpdir(), 'umaptrace-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(['run.rec', 'run.rec.gz'])('leaves no file: %s', async (name) => {
    const path = join(folder, name);
    const recording = await openRecording(path, { force: false, owner: null });
    expect(existsSync(path)).toBe(true);
    await recording.discard();
    expect(existsSync(path)).toBe(false);
  });

  test.each([{ force: true }, { force: false, rotate: true }])(
    'leaves what it was to replace: %j',
    async (how) => {
      const path = join(folder, 'old.rec');
      writeFileSync(path, 'old');
      const recording = await openRecording(path, { ...how, owner: null });
      await recording.write('new');
      await recording.discard();
      expect(readFileSync(path, 'utf8')).toBe('old');
      expect(readdirSync(folder).filter((name) => name.startsWith('old.rec'))).toEqual(['old.rec']);
    },
  );

  test('leaves alone what is not a file', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = await open(path, 'r+');
    await (await openRecording(path, { force: true, owner: null })).discard();
    expect(existsSync(path)).toBe(true);
    await reader.close();
  });
});
