import { describe, expect, it } from 'vitest';
import { findSymbols } from '../../src/plan/kallsyms.ts';

const KALLSYMS = `0000000000000000 A fixed_percpu_data
ffffffff81000010 T uverbs_open
ffffffff81000020 t open.cold
ffffffff81000030 t open.constprop.0.isra.1
ffffffff81000040 d pgdir_shift
ffffffffc0001000 t open	[ib_uverbs]
ffffffffc0001010 t open_all	[ib_uverbs]
ffffffffc0001020 t bpf_prog_open	[bpf]
`;

describe('symbols', () => {
  it('are those of the wanted names and their variants, in the kernel or in a module', () => {
    const half = KALLSYMS.indexOf('ffffffffc0001000');
    const pieces = [KALLSYMS.slice(0, half), KALLSYMS.slice(half)];
    expect(findSymbols(pieces, ['open', 'pgdir_shift', 'fixed_percpu_data', 'nothing'])).toEqual([
      { name: 'fixed_percpu_data', address: '0000000000000000', module: 'vmlinux' },
      { name: 'open.constprop.0.isra.1', address: 'ffffffff81000030', module: 'vmlinux' },
      { name: 'pgdir_shift', address: 'ffffffff81000040', module: 'vmlinux' },
      { name: 'open', address: 'ffffffffc0001000', module: 'ib_uverbs' },
    ]);
  });

  it('are none where there is no text', () => {
    expect(findSymbols([''], ['open'])).toEqual([]);
  });
});
