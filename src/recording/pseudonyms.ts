/** Names for what must not be told: the same value has the same name under the same key, and says nothing without it. */
import { createHmac } from 'node:crypto';
import { textWords } from '../event/words.ts';

/** Values whose names are remembered. */
const MOST_KNOWN = 100_000;
/** Names of devices by their driver and a number say nothing of their owner. */
const PLAIN_DEVICE =
  /^(?:uverbs|rxe|rxe_|siw|siw_|mlx4_|mlx5_|hfi1_|qib|irdma|i40iw|bnxt_re|efa_|erdma_|hns_|mana_|cxgb4_|qedr|ocrdma|usnic_|vmw_pvrdma|umapfix)\d{0,3}$/;
const LARGE_PAGE = 1n << 21n;
/** Where a page table entry has its frame; inverted where bit 0 is clear (PROT_NONE). */
const FRAME_BITS = 0x000f_ffff_ffff_f000n;
const WORD = (1n << 64n) - 1n;

export class Pseudonyms {
  readonly #key: Uint8Array;
  readonly #known = new Map<string, string>();
  /** What all user addresses, and all page frames, are moved by: distances stay. */
  readonly #addressShift: bigint;
  readonly #frameShift: bigint;

  /** @param key any bytes; whoever has them can check a guess */
  constructor(key: Uint8Array) {
    this.#key = key;
    const draw = (kind: string): bigint => BigInt(`0x${this.#digest(kind, '').slice(0, 12)}`);
    this.#addressShift = ((draw('addresses') % (1n << 24n)) + (1n << 22n)) * LARGE_PAGE;
    this.#frameShift = ((draw('frames') % (1n << 22n)) + (1n << 20n)) * 512n;
  }

  /** A word that is a kernel address, or holds one; 0 stays. */
  pointer(word: string): string {
    return /^0+$/.test(word) ? word : `ffff${this.#digest('pointer', word).slice(0, 12)}`;
  }

  /** A word that is a user address; 0 stays. */
  address(word: string): string {
    return moved(word, this.#addressShift);
  }

  /** A word that is a page frame; 0 stays. */
  frame(word: string): string {
    return moved(word, this.#frameShift);
  }

  /** A word that is a page table entry of x86-64: its frame is moved like others, its other bits stay. */
  pte(word: string): string {
    const value = BigInt(`0x${word}`);
    if (value === 0n) return word;
    const inverted = (value & 1n) === 0n ? FRAME_BITS : 0n;
    const frame = ((value ^ inverted) & FRAME_BITS) + (this.#frameShift << 12n);
    return ((value & ~FRAME_BITS) | ((frame & FRAME_BITS) ^ inverted)).toString(16);
  }

  /** The two words of a comm. */
  comm(first: string, second: string): string[] {
    return textWords(this.#commName(`${trimmed(first)} ${trimmed(second)}`), 2);
  }

  /** A comm as text. */
  commText(comm: string): string {
    return this.#commName(textWords(comm, 2).join(' '));
  }

  /** The name of a device. */
  device(name: string): string {
    return name === '' || PLAIN_DEVICE.test(name)
      ? name
      : `device${this.#digest('device', name).slice(0, 6)}`;
  }

  /** The path of a cgroup: what lies in which stays to be seen. */
  path(path: string): string {
    return path.replace(/[^/]+/g, (name) => this.name('cgroup', name));
  }

  /** Anything else: a host, a boot id. */
  name(kind: string, value: string): string {
    return value === '' ? '' : `${kind}-${this.#digest(kind, value).slice(0, 10)}`;
  }

  #commName(words: string): string {
    return words === '0 0' ? '' : `comm-${this.#digest('comm', words).slice(0, 8)}`;
  }

  #digest(kind: string, value: string): string {
    const name = `${kind} ${value}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    const digest = createHmac('sha256', this.#key).update(name).digest('hex');
    this.#known.set(name, digest);
    return digest;
  }
}

const trimmed = (word: string): string => word.replace(/^0+(?=.)/, '');

function moved(word: string, by: bigint): string {
  const value = BigInt(`0x${word}`);
  return value === 0n ? word : ((value + by) & WORD).toString(16);
}
