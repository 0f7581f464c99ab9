/**
 * Reads BTF, the kernel's own type information (/sys/kernel/btf/vmlinux and /sys/kernel/btf/MODULE),
 * as far as a probe plan needs it: where a member lies in a struct, and what a function's parameters are
 * called. The format is described in the kernel's Documentation/bpf/btf.rst; a module's BTF is "split": its
 * type ids and string offsets go on where those of vmlinux end.
 */

const MAGIC = 0xeb9f;
const VOID = 0;
/** Nesting that no kernel's types reach. */
const MAX_DEPTH = 16;
/** Types that are looked into for one member: more than those of any struct of a kernel. */
const MOST_TYPES = 1000;

const Kind = {
  Int: 1,
  Ptr: 2,
  Array: 3,
  Struct: 4,
  Union: 5,
  Enum: 6,
  Fwd: 7,
  Typedef: 8,
  Volatile: 9,
  Const: 10,
  Restrict: 11,
  Func: 12,
  FuncProto: 13,
  Var: 14,
  Datasec: 15,
  Float: 16,
  DeclTag: 17,
  TypeTag: 18,
  Enum64: 19,
} as const;

/** What follows the three common words of a type: so many words, and so many for each of its `vlen` parts. */
const TRAILER: Readonly<Record<number, readonly [fixed: number, each: number]>> = {
  [Kind.Int]: [1, 0],
  [Kind.Ptr]: [0, 0],
  [Kind.Array]: [3, 0],
  [Kind.Struct]: [0, 3],
  [Kind.Union]: [0, 3],
  [Kind.Enum]: [0, 2],
  [Kind.Fwd]: [0, 0],
  [Kind.Typedef]: [0, 0],
  [Kind.Volatile]: [0, 0],
  [Kind.Const]: [0, 0],
  [Kind.Restrict]: [0, 0],
  [Kind.Func]: [0, 0],
  [Kind.FuncProto]: [0, 2],
  [Kind.Var]: [1, 0],
  [Kind.Datasec]: [0, 3],
  [Kind.Float]: [0, 0],
  [Kind.DeclTag]: [1, 0],
  [Kind.TypeTag]: [0, 0],
  [Kind.Enum64]: [0, 3],
};

/** Types that only qualify another one. */
const TRANSPARENT: ReadonlySet<number> = new Set([
  Kind.Typedef,
  Kind.Volatile,
  Kind.Const,
  Kind.Restrict,
  Kind.TypeTag,
]);

/** The BTF cannot be read: not BTF, cut short, or of a later kind than this reader knows. */
export class BtfError extends Error {
  override name = 'BtfError';
}

interface Type {
  /** The BTF that has it: a module's types may refer to those of vmlinux. */
  readonly owner: Btf;
  readonly kind: number;
  readonly parts: number;
  /** The size of a struct; the id of the type referred to by the others. */
  readonly sizeOrType: number;
  readonly kindFlag: boolean;
  /** Where its trailer begins, in words of the type section. */
  readonly trailer: number;
}

/** Kinds of types that are looked for by name. */
type Named = typeof Kind.Struct | typeof Kind.Func;

/** The types of vmlinux, or those of a module on top of its base. */
export class Btf {
  readonly #base: Btf | null;
  readonly #types: Uint32Array;
  readonly #strings: Buffer;
  /** Position of each type, in words, by id less the first id. */
  readonly #positions: Uint32Array;
  /** Ids of its own types of these kinds. */
  readonly #ids: Readonly<Record<Named, number[]>> = { [Kind.Struct]: [], [Kind.Func]: [] };
  readonly #firstId: number;
  readonly #firstString: number;

  /**
   * @param bytes a whole BTF file, little-endian
   * @param base the BTF of vmlinux, for a module's
   * @throws BtfError
   */
  constructor(bytes: Buffer, base: Btf | null = null) {
    if (bytes.length < 24 || bytes.readUInt16LE(0) !== MAGIC) throw new BtfError('not little-endian BTF');
    const header = bytes.readUInt32LE(4);
    const section = (at: number): Buffer => {
      const begin = header + bytes.readUInt32LE(at);
      const end = begin + bytes.readUInt32LE(at + 4);
      if (end > bytes.length) throw new BtfError('BTF is cut short');
      return bytes.subarray(begin, end);
    };
    const types = Uint8Array.from(section(8));
    this.#base = base;
    this.#types = new Uint32Array(types.buffer, 0, types.length >> 2);
    this.#strings = section(16);
    this.#firstId = base === null ? 1 : base.#firstId + base.#positions.length;
    this.#firstString = base === null ? 0 : base.#firstString + base.#strings.length;
    this.#positions = this.#scan();
  }

  /**
   * Byte offset of a member, looked for in anonymous members too.
   * @param path `struct.member`
   * @returns undefined when there is no such struct or member, or it is a bit field
   */
  offset(path: string): number | undefined {
    const [name = '', member = ''] = path.split('.');
    for (const id of this.#named(name, Kind.Struct)) {
      const bits = this.#memberBits(id, member);
      if (bits !== undefined && bits % 8 === 0) return bits / 8;
    }
    return this.#base?.offset(path);
  }

  /**
   * Names of a function's parameters, in order.
   * @returns undefined when BTF does not have the function; a parameter passed by value as a struct is ''
   */
  parameters(name: string): string[] | undefined {
    for (const id of this.#named(name, Kind.Func)) {
      const prototype = this.#type(this.#type(id)?.sizeOrType ?? VOID);
      if (prototype?.kind === Kind.FuncProto) return this.#parameterNames(prototype);
    }
    return undefined;
  }

  #scan(): Uint32Array {
    const positions: number[] = [];
    for (let at = 0; at + 3 <= this.#types.length; ) {
      positions.push(at);
      const info = this.#word(at + 1);
      const kind = (info >>> 24) & 0x1f;
      const trailer = TRAILER[kind];
      if (trailer === undefined) throw new BtfError(`BTF has a type of unknown kind ${kind}`);
      if (kind === Kind.Struct || kind === Kind.Func)
        this.#ids[kind].push(this.#firstId + positions.length - 1);
      at += 3 + trailer[0] + trailer[1] * (info & 0xffff);
    }
    return Uint32Array.from(positions);
  }

  #word(at: number): number {
    return this.#types[at] ?? 0;
  }

  #type(id: number): Type | undefined {
    if (id < this.#firstId) return this.#base === null ? undefined : this.#base.#type(id);
    const at = this.#positions[id - this.#firstId];
    if (at === undefined) return undefined;
    const info = this.#word(at + 1);
    return {
      owner: this,
      kind: (info >>> 24) & 0x1f,
      parts: info & 0xffff,
      sizeOrType: this.#word(at + 2),
      kindFlag: info >>> 31 === 1,
      trailer: at + 3,
    };
  }

  /** Ids of this BTF's own types with a name and kind. */
  #named(name: string, kind: Named): number[] {
    const text = Buffer.from(`${name}\0`, 'latin1');
    const ids: number[] = [];
    for (const id of this.#ids[kind]) {
      const offset = this.#word(this.#positions[id - this.#firstId] ?? 0);
      const isOther = offset >= this.#firstString && this.#strings[offset - this.#firstString] !== text[0];
      if (!isOther && this.#isAt(offset, text)) ids.push(id);
    }
    return ids;
  }

  /** Whether this text, with the NUL at its end, is the string at an offset. */
  #isAt(offset: number, text: Buffer): boolean {
    if (offset < this.#firstString) return this.#base === null ? false : this.#base.#isAt(offset, text);
    const begin = offset - this.#firstString;
    return this.#strings.subarray(begin, begin + text.length).equals(text);
  }

  #string(offset: number): string {
    if (offset < this.#firstString) return this.#base === null ? '' : this.#base.#string(offset);
    const begin = offset - this.#firstString;
    const end = this.#strings.indexOf(0, begin);
    return this.#strings.toString('latin1', begin, end < 0 ? this.#strings.length : end);
  }

  /** @param seen types that were looked into: a struct that contains itself is not BTF of a kernel */
  #memberBits(id: number, member: string, seen = new Set<number>()): number | undefined {
    const type = this.#type(id);
    if (type === undefined || seen.has(id) || seen.size > MOST_TYPES) return undefined;
    seen.add(id);
    if (TRANSPARENT.has(type.kind)) return this.#memberBits(type.sizeOrType, member, seen);
    if (type.kind !== Kind.Struct && type.kind !== Kind.Union) return undefined;
    const { owner } = type;
    for (let at = type.trailer; at < type.trailer + 3 * type.parts; at += 3) {
      const bits = type.kindFlag ? owner.#word(at + 2) & 0xffffff : owner.#word(at + 2);
      const name = owner.#string(owner.#word(at));
      if (name === member) return bits;
      const inner = name === '' ? owner.#memberBits(owner.#word(at + 1), member, seen) : undefined;
      if (inner !== undefined) return bits + inner;
    }
    return undefined;
  }

  #parameterNames({ owner, parts, trailer }: Type): string[] {
    return Array.from({ length: parts }, (_, i) => {
      const at = trailer + 2 * i;
      return owner.#isStruct(owner.#word(at + 1)) ? '' : owner.#string(owner.#word(at));
    });
  }

  #isStruct(id: number, depth = 0): boolean {
    const type = this.#type(id);
    if (type === undefined || depth > MAX_DEPTH) return false;
    if (TRANSPARENT.has(type.kind)) return this.#isStruct(type.sizeOrType, depth + 1);
    return type.kind === Kind.Struct || type.kind === Kind.Union;
  }
}
