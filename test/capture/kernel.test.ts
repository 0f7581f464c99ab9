import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { BtfFiles, beginKernel, readSymbols } from '../../src/capture/kernel.ts';
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

describe('the symbols of a kernel', () => {
  const folder = mkdtempSync(join(tmpdir(), 'umaptrace-symbols-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  afterEach(() => vi.unstubAllEnvs());
  const path = join(folder, 'kallsyms');

  it('are found among all', async () => {
    writeFileSync(path, 'ffffffff81000010 T start\nffffffffc0001000 t ib_uverbs_mmap\t[ib_uverbs]\n');
    const found = { name: 'ib_uverbs_mmap', address: 'ffffffffc0001000', module: 'ib_uverbs' };
    expect(await readSymbols(path)).toEqual([found]);
  });

  it('may be none', async () => {
    writeFileSync(path, 'ffffffff81000010 T start\n');
    expect(await readSymbols(path)).toEqual([]);
  });

  it('cannot be read where they are not there', async () => {
    const error = await readSymbols(join(folder, 'nothing')).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/symbols cannot be read: .*nothing: No such file/),
      hint: expect.stringContaining('CONFIG_KALLSYMS'),
    });
  });

  it.each([
    ['no setpriv', '/nowhere', /could not be run: .*spawn setpriv ENOENT$/],
    ['no grep', folder, /could not be run: .*grep/],
  ])('are not to blame where there is %s', async (_, where, why) => {
    for (const name of ['setpriv', 'env']) {
      rmSync(join(folder, name), { force: true });
      symlinkSync(`/usr/bin/${name}`, join(folder, name));
    }
    vi.stubEnv('PATH', where);
    await expect(readSymbols(path)).rejects.toThrow(why);
  });

  it('that cannot be read are told when the kernel is asked for, and nobody has to ask', async () => {
    vi.stubEnv('PATH', '/nowhere');
    const read = beginKernel();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const why = existsSync('/sys/kernel/btf/vmlinux') ? /could not be run/ : /no type information/;
    await expect(read()).rejects.toThrow(why);
  });
});
