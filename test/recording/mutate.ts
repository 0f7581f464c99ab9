/** Spoils recordings in every way that disks, editors, networks and enemies have. The same seed spoils the same way. */
import { encodeEvent } from '../../src/event/codec.ts';
import { Origin } from '../../src/event/event.ts';
import { jsonLine } from '../../src/recording/format.ts';
import { events } from '../timeline/sketch.ts';
import { lifecycle } from './lifecycle.ts';
import { older } from './older.ts';
import { HEADER, ORIGIN } from './sample.ts';
import { unplug } from './unplug.ts';

/** Numbers from 0 to below a limit, from a seed (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  pick<Value>(list: readonly Value[]): Value {
    const value = list[this.below(list.length)];
    if (value === undefined) throw new Error('nothing to pick from');
    return value;
  }
}

const SKETCHES = [
  'P1 open U1 | P1 mmap A 4p | P1 fork P2 | P1 munmap A+1 1p | P1 touch A | remove | P2 touch A | P2 exit | P1 exit',
  'name | P1 open U1 | P1 mmap A 8p rxe | P1 mmap B 4p | P1 mremap B 4p C | P1 fork P2 | reset | P1 close U1 | P2 exec',
  'P1 open U1 | P1 mmap A 4p refused | P1 mmap A 4p stillborn | P1 mmap B 2p | P1 mprotect B 1p | removing | P1 fork P2 | removed',
];

const drawn = (sketch: string): Buffer => {
  const origin = new Origin(ORIGIN);
  return Buffer.from(
    jsonLine(HEADER) +
      events(sketch)
        .map((event) => `${encodeEvent(event, origin)}\n`)
        .join(''),
  );
};

/** Recordings to begin with. */
export const ORIGINALS: readonly Buffer[] = [
  unplug().bytes,
  lifecycle().bytes,
  Buffer.from(older(unplug().text, 1)),
  ...SKETCHES.map(drawn),
];

export const MARKUP = `<img src=x onerror=alert(1)></script><script>alert(2)</script>"'>`;
const WORDS = [
  '0',
  '1',
  'ffffffffffffffff',
  '7fffffffffffffff',
  '8000000000000000',
  'fffffffffffff000',
  '20000000000000',
  'zz',
  '',
  '-1',
  '1e9',
  '[31m',
  '3c696d673e',
  '736d673c3e2f3c',
];
const VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  1e308,
  2 ** 53,
  '',
  '9'.repeat(19),
  '9'.repeat(40),
  MARKUP,
  '\u001b[31m\u202e\u0000',
  [],
  {},
  [[]],
  { __proto__: 1 },
  'x'.repeat(70_000),
];
const CHUNKS = [
  '\0\0\0\0',
  '\u001b]0;title\u0007',
  MARKUP,
  '\r\n',
  '\n\n\n',
  '{"mark":',
  '{"end":{"complete":true}}\n',
  '[',
  '"',
  '\ufeff',
  '\u2028',
  '{"note":{"text":"\u001b[2J"}}\n',
  `${JSON.stringify({ cgroup: { id: 4712, path: `/\u001b[2J${MARKUP}\u202e` } })}\n`,
  `${JSON.stringify({ cgroup: { id: 101, path: '/a'.repeat(2000) } })}\n`,
  '@n[0]: 99999\n',
  'Lost 3 events\n',
  '[['.repeat(5000),
];

type Mutation = (bytes: Buffer, dice: Dice) => Buffer;

const onLines =
  (change: (lines: string[], dice: Dice) => string[]): Mutation =>
  (bytes, dice) =>
    Buffer.from(change(bytes.toString('latin1').split('\n'), dice).join('\n'), 'latin1');

/** Puts a hostile value somewhere into a line of JSON. */
function spoilJson(line: string, dice: Dice): string {
  try {
    const json: unknown = JSON.parse(line);
    const places: { holder: Record<string, unknown>; key: string }[] = [];
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      const holder: Record<string, unknown> = Object.assign(value);
      for (const key of Object.keys(holder)) {
        places.push({ holder, key });
        walk(holder[key]);
      }
    };
    walk(json);
    if (places.length === 0) return line;
    const { holder, key } = dice.pick(places);
    holder[key] = dice.pick(VALUES);
    return JSON.stringify(json);
  } catch {
    return line;
  }
}

function spoilWord(line: string, dice: Dice): string {
  if (line.startsWith('{')) return spoilJson(line, dice);
  const words = line.split(' ');
  const at = dice.below(words.length);
  const digits = Array.from({ length: 1 + dice.below(16) }, () => '0123456789abcdef'[dice.below(16)]).join(
    '',
  );
  words[at] = dice.below(3) === 0 ? digits : dice.pick(WORDS);
  return words.join(' ');
}

const MUTATIONS: readonly Mutation[] = [
  (bytes, dice) => {
    const flipped = Buffer.from(bytes);
    for (let i = dice.below(8); i >= 0; i--) {
      const at = dice.below(flipped.length);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << dice.below(8));
    }
    return flipped;
  },
  (bytes, dice) => bytes.subarray(0, dice.below(bytes.length)),
  (bytes, dice) => bytes.subarray(dice.below(bytes.length >> 3)),
  (bytes, dice) => {
    const at = dice.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(dice.pick(CHUNKS)), bytes.subarray(at)]);
  },
  (bytes, dice) => {
    const other = dice.pick(ORIGINALS);
    const from = dice.below(other.length);
    const piece = other.subarray(from, from + dice.below(600));
    const at = dice.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + dice.below(100))]);
  },
  onLines((lines, dice) => lines.toSpliced(dice.below(lines.length), 1 + dice.below(3))),
  onLines((lines, dice) => {
    const at = dice.below(lines.length);
    const line = lines[at] ?? '';
    return lines.toSpliced(at, 0, ...Array.from({ length: 1 + dice.below(5) }, () => line));
  }),
  onLines((lines, dice) => {
    const [header = '', ...rest] = lines;
    for (let i = rest.length - 1; i > 0; i--) {
      const j = dice.below(i + 1);
      [rest[i], rest[j]] = [rest[j] ?? '', rest[i] ?? ''];
    }
    return [header, ...rest];
  }),
  onLines((lines, dice) => {
    const at = dice.below(lines.length);
    return lines.with(at, spoilWord(lines[at] ?? '', dice));
  }),
  onLines((lines, dice) => lines.map((line) => (dice.below(4) === 0 ? spoilWord(line, dice) : line))),
  onLines((lines, dice) => lines.with(0, spoilJson(lines[0] ?? '', dice))),
  onLines((lines, dice) => {
    const at = dice.below(lines.length);
    const line = lines[at] ?? '';
    return lines.with(at, line.repeat(1 + dice.below(Math.max(1, Math.floor(2e6 / (line.length + 1))))));
  }),
];

/** Spoils all, or, four times in five, what follows the header: a spoiled header only makes a short refusal. */
function spoil(bytes: Buffer, dice: Dice): Buffer {
  const mutation = dice.pick(MUTATIONS);
  const from = dice.below(5) === 0 ? 0 : bytes.indexOf('\n') + 1;
  if (bytes.length - from <= 8) return bytes;
  return Buffer.concat([bytes.subarray(0, from), mutation(bytes.subarray(from), dice)]);
}

/** A spoiled recording. */
export function mutant(seed: number): Buffer {
  const dice = new Dice(seed);
  let bytes: Buffer = dice.pick(ORIGINALS);
  for (let i = dice.below(4); i >= 0; i--) bytes = spoil(bytes, dice);
  return bytes;
}
