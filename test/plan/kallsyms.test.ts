import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { findSymbols, symbolPattern } from '../../src/plan/kallsyms.ts';

const KALLSYMS = `0000000000000000 A fixed_percpu_data
ffffffff81000010 T uverbs_open
ffffffff81000020 t open.cold
ffffffff81000030 t open.constprop.0.isra.1
ffffffff81000040 d pgdir_shift
ffffffffc0001000 t open\t[ib_uverbs]
ffffffffc0001010 t open_all\t[ib_uverbs]
ffffffffc0001020 t bpf_prog_open\t[bpf]
`;
const NAMES = ['open', 'pgdir_shift', 'fixed_percpu_data', 'nothing'];

const grep = async (text: string): Promise<string> => {
  const { stdout } = await execa('grep', ['-E', '-e', symbolPattern(NAMES)], { input: text, reject: false });
  return stdout;
};

const FOUND = await grep(KALLSYMS);

describe('symbols', () => {
  it.each([
    ['all lines', KALLSYMS],
    ['the lines that grep gives', FOUND],
  ])('are those of the wanted names and their variants, in the kernel or in a module: %s', (_, lines) => {
    expect(findSymbols(lines, NAMES)).toEqual([
      { name: 'fixed_percpu_data', address: '0000000000000000', module: 'vmlinux' },
      { name: 'open.constprop.0.isra.1', address: 'ffffffff81000030', module: 'vmlinux' },
      { name: 'pgdir_shift', address: 'ffffffff81000040', module: 'vmlinux' },
      { name: 'open', address: 'ffffffffc0001000', module: 'ib_uverbs' },
    ]);
  });

  it('are in few lines of many', () => {
    expect(FOUND.split('\n')).toHaveLength(5);
  });

  it('are none where there is no text', () => {
    expect(findSymbols('', ['open'])).toEqual([]);
  });
});
