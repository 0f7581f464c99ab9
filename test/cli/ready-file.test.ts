import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireReadyFolder, tellReady } from '../../src/cli/ready-file.ts';

describe('the ready file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'umaptrace-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('holds the pid, and nothing else is left', async () => {
    const path = join(folder, 'ready');
    await requireReadyFolder(path);
    expect(existsSync(path)).toBe(false);
    tellReady(path);
    expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`);
    expect(readdirSync(folder)).toEqual(['ready']);
  });

  it('is not there before, and is no folder', async () => {
    const path = join(folder, 'ready');
    writeFileSync(path, '1\n');
    await requireReadyFolder(path);
    expect(existsSync(path)).toBe(false);
    await expect(requireReadyFolder(folder)).rejects.toMatchObject({ exitCode: 2 });
  });

  it('is never written through a link that others left there', async () => {
    const theirs = join(folder, 'precious');
    writeFileSync(theirs, 'precious');
    symlinkSync(theirs, join(folder, `ready.${process.pid}`));
    expect(() => tellReady(join(folder, 'ready'))).toThrow(expect.objectContaining({ exitCode: 2 }));
    expect(readFileSync(theirs, 'utf8')).toBe('precious');
  });

  it('is wrong usage where its folder is not there', async () => {
    const path = join(folder, 'nothing', 'ready');
    await expect(requireReadyFolder(path)).rejects.toMatchObject({ exitCode: 2 });
    expect(() => tellReady(path)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });

  it('may be none', async () => {
    await requireReadyFolder(undefined);
    tellReady(undefined);
  });
});
