import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openRecording, takeBack } from '../../src/recording/write.ts';

describe('a recording that was never begun', () => {
  const folder = mkdtempSync(join(tmpdir(), 'umaptrace-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(['run.rec', 'run.rec.gz'])('leaves no file: %s', async (name) => {
    const path = join(folder, name);
    const recording = await openRecording(path, { force: false, owner: null });
    expect(existsSync(path)).toBe(true);
    await takeBack(recording, path);
    expect(existsSync(path)).toBe(false);
  });

  test('leaves alone what is not a file', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = await open(path, 'r+');
    await takeBack(await openRecording(path, { force: true, owner: null }), path);
    expect(existsSync(path)).toBe(true);
    await reader.close();
  });
});
