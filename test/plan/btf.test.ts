import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Btf, BtfError } from '../../src/plan/btf.ts';

const PTR = 2;
const STRUCT = 4;
const UNION = 5;
const CONST = 10;
const FUNC = 12;
const FUNC_PROTO = 13;

/** Builds BTF by hand: types as words, strings once each. */
class Builder {
  readonly #types: number[] = [];
  readonly #firstString: number;
  #strings = '\0';

  constructor(firstString = 0) {
    this.#firstString = firstString;
    if (firstString > 0) this.#strings = '';
  }

  string(text: string): number {
    if (text === '') return 0;
    const at = this.#strings.indexOf(`\0${text}\0`);
    if (at >= 0) return at + 1 + this.#firstString;
    if (this.#strings === '' && this.#firstString === 0) this.#strings = '\0';
    if (this.#strings.startsWith(`${text}\0`)) return this.#firstString;
    const offset = this.#strings.length + this.#firstString;
    this.#strings += `${text}\0`;
    return offset;
  }

  type(name: string, kind: number, parts: number, sizeOrType: number, ...trailer: number[]): this {
    this.#types.push(this.string(name), (kind << 24) | parts, sizeOrType, ...trailer);
    return this;
  }

  bytes(): Buffer {
    const strings = Buffer.from(this.#strings, 'latin1');
    const out = Buffer.alloc(24 + this.#types.length * 4 + strings.length);
    out.writeUInt16LE(0xeb9f, 0);
    out.writeUInt8(1, 2);
    out.writeUInt32LE(24, 4);
    out.writeUInt32LE(0, 8);
    out.writeUInt32LE(this.#types.length * 4, 12);
    out.writeUInt32LE(this.#types.length * 4, 16);
    out.writeUInt32LE(strings.length, 20);
    this.#types.forEach((word, i) => {
      out.writeUInt32LE(word >>> 0, 24 + i * 4);
    });
    strings.copy(out, 24 + this.#types.length * 4);
    return out;
  }
}

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
