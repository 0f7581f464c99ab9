/** BTF made by hand, for tests. */

/** Builds BTF by hand: types as words, strings once each. */
export class Builder {
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
