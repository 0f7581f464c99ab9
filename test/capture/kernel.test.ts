import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BtfFiles } from '../../src/capture/kernel.ts';
import { UserError } from '../../src/user-error.ts';
import { Builder } from '../plan/btf.ts';

describe('the BTF of a kernel', () => {
  const folder = mkdtempSync(join(tmpdir(), 'umaptrace-btf-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const LATER_KIND = 31;
  const later = new Builder().type('future', LATER_KIND, 0, 0).bytes();

  it('is this machine’s fault where that of vmlinux is of a kind that nobody knows yet', () => {
    writeFileSync(join(folder, 'vmlinux'), later);
    expect(() => new BtfFiles(folder).of('vmlinux')).toThrow(UserError);
  });

  it('is this machine’s fault where that of vmlinux cannot be read', () => {
    const other = mkdtempSync(join(folder, 'other-'));
    mkdirSync(join(other, 'vmlinux'));
    expect(() => new BtfFiles(other).of('vmlinux')).toThrow(/cannot be read .*EISDIR/);
  });

  it('is not told by a module where it cannot be read, or is not there', () => {
    writeFileSync(join(folder, 'vmlinux'), new Builder().type('s', 4, 0, 8).bytes());
    writeFileSync(join(folder, 'ib_core'), later);
    const files = new BtfFiles(folder);
    expect(files.of('vmlinux')).not.toBeNull();
    for (const module of ['ib_core', 'ib_uverbs']) expect(files.of(module)).toBeNull();
  });
});
