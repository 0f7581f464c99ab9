import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Btf, BtfError } from '../../src/plan/btf.ts';
import { Builder } from './btf.ts';

const PTR = 2;
const STRUCT = 4;
const UNION = 5;
const CONST = 10;
const FUNC = 12;
const FUNC_PROTO = 13;

/**
 * struct vm_fault { const struct { void *vma; ...}; long address; }, as vmlinux has it since 5.13:
 * the anonymous member is const. 1: ptr, 2: anonymous struct, 3: const of it, 4: vm_fault, 5: union, 6: outer.
 */
function vmlinux(): Buffer {
  const b = new Builder();
  const s = (name: string) => b.string(name);
  return b
    .type('', PTR, 0, 0)
    .type('', STRUCT, 2, 16, s('vma'), 1, 0, s('gfp_mask'), 1, 64)
    .type('', CONST, 0, 2)
    .type('vm_fault', STRUCT, 2, 24, 0, 3, 64, s('address'), 1, 192)
    .type('', UNION, 1, 24, s('inner'), 4, 0)
    .type('outer', STRUCT, 2, 48, s('head'), 1, 0, 0, 5, 128)
    .bytes();
}

describe('Btf', () => {
  const btf = new Btf(vmlinux());

  it('finds members, also inside anonymous and const ones', () => {
    expect(btf.offset('vm_fault.address')).toBe(24);
    expect(btf.offset('vm_fault.vma')).toBe(8);
    expect(btf.offset('vm_fault.gfp_mask')).toBe(16);
    expect(btf.offset('outer.inner')).toBe(16);
  });

  it('does not find what is not there', () => {
    expect(btf.offset('vm_fault.nothing')).toBeUndefined();
    expect(btf.offset('nothing.vma')).toBeUndefined();
    expect(btf.parameters('nothing')).toBeUndefined();
  });

  it("reads a module's split BTF on top of vmlinux", () => {
    const strings = vmlinux().readUInt32LE(20);
    const b = new Builder(strings);
    b.string('revoke'); // first of all: no NUL before it
    const parameter = b.string('ufile');
    const byValue = b.string('prot');
    // ids go on at 7: FUNC_PROTO(ufile: ptr, prot: struct vm_fault), FUNC
    const module = b.type('', FUNC_PROTO, 2, 0, parameter, 1, byValue, 4).type('revoke', FUNC, 0, 7).bytes();
    const split = new Btf(module, btf);
    expect(split.parameters('revoke')).toEqual(['ufile', '']);
    expect(split.offset('vm_fault.vma')).toBe(8);
  });

  it('refuses what is not BTF, with an error of its own', () => {
    expect(() => new Btf(Buffer.from('ELF'))).toThrow(BtfError);
    expect(() => new Btf(vmlinux().subarray(0, 60))).toThrow(BtfError);
  });

  it('looks into a struct that contains itself many times only once', () => {
    const b = new Builder();
    const itself = Array.from({ length: 30 }, () => [0, 1, 0]).flat();
    expect(new Btf(b.type('s', STRUCT, 30, 8, ...itself).bytes()).offset('s.x')).toBeUndefined();
  });

  it('survives any damage: an answer or a BtfError', () => {
    const bytes = vmlinux();
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(damage, (changes) => {
        const damaged = Buffer.from(bytes);
        for (const [at, value] of changes) damaged[at] = value;
        try {
          const read = new Btf(damaged);
          read.offset('outer.inner');
          read.offset('vm_fault.vma');
          read.parameters('vm_fault');
        } catch (error) {
          if (!(error instanceof BtfError)) throw error;
        }
      }),
      { numRuns: 3000 },
    );
  });
});
