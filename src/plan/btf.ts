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
const TRAILERS: readonly (readonly [kind: number, fixed: number, each: number])[] = [
  [Kind.Int, 1, 0],
  [Kind.Ptr, 0, 0],
  [Kind.Array, 3, 0],
  [Kind.Struct, 0, 3],
  [Kind.Union, 0, 3],
  [Kind.Enum, 0, 2],
  [Kind.Fwd, 0, 0],
  [Kind.Typedef, 0, 0],
  [Kind.Volatile, 0, 0],
  [Kind.Const, 0, 0],
  [Kind.Restrict, 0, 0],
  [Kind.Func, 0, 0],
  [Kind.FuncProto, 0, 2],
  [Kind.Var, 1, 0],
  [Kind.Datasec, 0, 3],
  [Kind.Float, 0, 0],
  [Kind.DeclTag, 1, 0],
  [Kind.TypeTag, 0, 0],
  [Kind.Enum64, 0, 3],
];
/** By kind: words of a type without parts, 0 where the kind is unknown; words of each part. */
const WORDS = new Uint8Array(32);
const PART_WORDS = new Uint8Array(32);
for (const [kind, fixed, each] of TRAILERS) {
  WORDS[kind] = 3 + fixed;
  PART_WORDS[kind] = each;
}

const UNNAMED = Buffer.of(0);

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

/** Types of one kind, in the order of their ids, as arrays that the engine searches by itself. */
class NamedTypes {
  readonly #ids: Uint32Array;
  readonly #names: Uint32Array;
  #count = 0;

  /** @param most so many at most will be added */
  constructor(most: number) {
    this.#ids = new Uint32Array(most);
    this.#names = new Uint32Array(most);
  }

  add(id: number, name: number): void {
    this.#ids[this.#count] = id;
    this.#names[this.#count++] = name;
  }

  /** Ids of those whose name is at an offset. */
  *at(name: number): Generator<number, void, void> {
    const names = this.#names.subarray(0, this.#count);
    for (let i = names.indexOf(name); i >= 0; i = names.indexOf(name, i + 1)) yield this.#ids[i] ?? VOID;
  }
}

/** Words of a section, in place where they are aligned. */
function wordsOf(section: Buffer): Uint32Array {
  const aligned = section.byteOffset % 4 === 0 ? section : Uint8Array.prototype.slice.call(section);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2);
}

/**
 * The types of vmlinux, or those of a module on top of its base. It is read at each start, by code that is not compiled yet: one pass
 * over the types, all else is searched by the engine.
 */
export class Btf {
  readonly #base: Btf | null;
  readonly #types: Uint32Array;
  readonly #strings: Buffer;
  /** Position of each type, in words, by id less the first id. */
  readonly #positions: Uint32Array;
  /** Its own types of these kinds. */
  readonly #named: Readonly<Record<Named, NamedTypes>>;
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
    this.#base = base;
    this.#types = wordsOf(section(8));
    this.#strings = section(16);
    this.#firstId = base === null ? 1 : base.#firstId + base.#positions.length;
    this.#firstString = base === null ? 0 : base.#firstString + base.#strings.length;
    const most = Math.floor(this.#types.length / 3);
    this.#named = { [Kind.Struct]: new NamedTypes(most), [Kind.Func]: new NamedTypes(most) };
    this.#positions = this.#scan(new Uint32Array(most));
  }

  /**
   * Byte offset of a member, looked for in anonymous members too.
   * @param path `struct.member`
   * @returns undefined when there is no such struct or member, or it is a bit field
   */
  offset(path: string): number | undefined {
    const [name = '', member = ''] = path.split('.');
    for (const id of this.#find(name, Kind.Struct)) {
      const bits = this.#memberBits(id, Buffer.from(`${member}\0`, 'latin1'));
      if (bits !== undefined && bits % 8 === 0) return bits / 8;
    }
    return this.#base?.offset(path);
  }

  /**
   * Names of a function's parameters, in order.
   * @returns undefined when BTF does not have the function; a parameter passed by value as a struct is ''
   */
  parameters(name: string): string[] | undefined {
    for (const id of this.#find(name, Kind.Func)) {
      const prototype = this.#type(this.#type(id)?.sizeOrType ?? VOID);
      if (prototype?.kind === Kind.FuncProto) return this.#parameterNames(prototype);
    }
    return undefined;
  }

  #scan(positions: Uint32Array): Uint32Array {
    const types = this.#types;
    const { [Kind.Struct]: structs, [Kind.Func]: functions } = this.#named;
    let count = 0;
    for (let at = 0; at + 3 <= types.length; count++) {
      positions[count] = at;
      const info = types[at + 1] ?? 0;
      const kind = (info >>> 24) & 0x1f;
      if (kind === Kind.Struct) structs.add(this.#firstId + count, types[at] ?? 0);
      else if (kind === Kind.Func) functions.add(this.#firstId + count, types[at] ?? 0);
      const words = WORDS[kind] ?? 0;
      if (words === 0) throw new BtfError(`BTF has a type of unknown kind ${kind}`);
      at += words + (PART_WORDS[kind] ?? 0) * (info & 0xffff);
    }
    return positions.subarray(0, count);
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
  *#find(name: string, kind: Named): Generator<number, void, void> {
    for (const offset of this.#offsetsOf(Buffer.from(`${name}\0`, 'latin1')))
      yield* this.#named[kind].at(offset);
  }

  /** Where this text, with the NUL at its end, is a string, or the end of one: its own first, for they are fewer. */
  *#offsetsOf(text: Buffer): Generator<number, void, void> {
    const strings = this.#strings;
    for (let at = strings.indexOf(text); at >= 0; at = strings.indexOf(text, at + 1))
      yield this.#firstString + at;
    if (this.#base !== null) yield* this.#base.#offsetsOf(text);
  }

  /** Whether this text, with the NUL at its end, is the string at an offset. */
  #isAt(offset: number, text: Buffer): boolean {
    if (offset < this.#firstString) return this.#base === null ? false : this.#base.#isAt(offset, text);
    const begin = offset - this.#firstString;
    return (
      this.#strings[begin] === text[0] && this.#strings.subarray(begin, begin + text.length).equals(text)
    );
  }

  #string(offset: number): string {
    if (offset < this.#firstString) return this.#base === null ? '' : this.#base.#string(offset);
    const begin = offset - this.#firstString;
    const end = this.#strings.indexOf(0, begin);
    return this.#strings.toString('latin1', begin, end < 0 ? this.#strings.length : end);
  }

  /**
   * @param member its name, with a NUL at its end
   * @param seen types that were looked into: a struct that contains itself is not BTF of a kernel
   */
  #memberBits(id: number, member: Buffer, seen = new Set<number>()): number | undefined {
    const type = this.#type(id);
    if (type === undefined || seen.has(id) || seen.size > MOST_TYPES) return undefined;
    seen.add(id);
    if (TRANSPARENT.has(type.kind)) return this.#memberBits(type.sizeOrType, member, seen);
    if (type.kind !== Kind.Struct && type.kind !== Kind.Union) return undefined;
    const { owner } = type;
    for (let at = type.trailer; at < type.trailer + 3 * type.parts; at += 3) {
      const bits = type.kindFlag ? owner.#word(at + 2) & 0xffffff : owner.#word(at + 2);
      const name = owner.#word(at);
      if (owner.#isAt(name, member)) return bits;
      const inner = owner.#isAt(name, UNNAMED)
        ? owner.#memberBits(owner.#word(at + 1), member, seen)
        : undefined;
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
