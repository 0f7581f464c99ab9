/**
 * Large recordings made of a real one: it is played again and again, several at a time, each player on a
 * device and with kernel addresses of its own, each run with processes of its own. What happens, in which order,
 * to how many VMAs of how many processes, and the lengths of lives beside each other stay those of the real one.
 *
 * Usage: generate.ts SEED EVENTS OUT
 */
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { FIELD_TYPES } from '../src/event/declaration.ts';
import { EVENTS } from '../src/event/events.gen.ts';

/** Players at the same time. */
const PLAYERS = 8;
/** Events a second: what a storm of mmap and munmap makes. */
const RATE = 50_000;
/** Lines that bpftrace takes from one CPU's buffer before it looks at the next. */
const BURST = 64;
/** Words of every event before its fields: tag cpu seq ns pid tid comm comm. */
const HEAD = 8;
const PID_FIELDS = ['owner', 'child'];

/** One event line of the seed; `pieces` are its fields for one player, cut where a pid belongs. */
interface Line {
  readonly ns: number;
  readonly cpu: number;
  readonly tag: string;
  readonly pid: number;
  readonly tid: number;
  readonly pieces: readonly string[];
  /** Pids between the pieces; 0 stays 0. */
  readonly pids: readonly number[];
}

interface Seed {
  readonly header: string;
  /** Names of the device: told at the start of each run. */
  readonly device: readonly (readonly string[])[];
  readonly lines: readonly (readonly string[])[];
}

const hex = (word: string | undefined): number => Number.parseInt(word ?? '0', 16);

function readSeed(path: string): Seed {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
  const [header = '', ...rest] = text.split('\n');
  const lines = rest.filter((line) => /^[A-Z]{1,2} /.test(line)).map((line) => line.split(' '));
  return {
    header,
    device: lines.filter(([tag]) => tag === 'V'),
    lines: lines
      .filter(([tag, , seq]) => tag !== 'R' && seq !== '0')
      .sort((a, b) => hex(a[3]) - hex(b[3]) || hex(a[1]) - hex(b[1])),
  };
}

/** The type of each word after the head. */
const TYPES = new Map(
  EVENTS.map(({ tag, fields }) => [
    tag,
    fields.flatMap(({ name, type }) =>
      Array.from({ length: FIELD_TYPES[type].words }, () => (PID_FIELDS.includes(name) ? 'pid' : type)),
    ),
  ]),
);

/** A kernel address in another part of the direct map, or of the kernel's own data, for each player. */
const moved = (word: string, player: number): string =>
  word.length < 16 ? word : (BigInt(`0x${word}`) ^ (BigInt(player) << 36n)).toString(16);

/** "rxe0" and "uverbs0" of each player. */
const renamed = (word: string, player: number): string =>
  word === '30657872' ? (0x30657872 + player * 0x1000000).toString(16) : word;

function lineFor(words: readonly string[], player: number): Line {
  const [tag = '', cpu, , ns, pid, tid, ...rest] = words;
  const types = TYPES.get(tag) ?? [];
  const pieces: string[] = [''];
  const pids: number[] = [];
  rest.forEach((word, i) => {
    const type = i < HEAD - 6 ? 'comm' : types[i - (HEAD - 6)];
    const last = pieces.length - 1;
    if (type === 'pid') {
      pids.push(hex(word));
      pieces[last] += ' ';
      pieces.push('');
      return;
    }
    const own =
      type === 'ptr'
        ? moved(word, player)
        : type === 'dev'
          ? (hex(word) + player).toString(16)
          : type === 'str32'
            ? renamed(word, player)
            : word;
    pieces[last] += ` ${own}`;
  });
  return { tag, ns: hex(ns), cpu: hex(cpu), pid: hex(pid), tid: hex(tid), pieces, pids };
}

/** Plays the seed from its start to its end, again and again. */
class Player {
  readonly #lines: readonly Line[];
  readonly #scale: number;
  readonly #start: number;
  readonly #stride: number;
  #at = 0;
  #clock: number;
  /** Added to each pid of this run. */
  shift: number;

  constructor(lines: readonly Line[], start: number, scale: number, shift: number, stride: number) {
    this.#lines = lines;
    this.#scale = scale;
    this.#start = lines[0]?.ns ?? 0;
    this.#clock = start;
    this.shift = shift;
    this.#stride = stride;
  }

  get atStart(): boolean {
    return this.#at === 0;
  }

  get line(): Line {
    const line = this.#lines[this.#at];
    if (line === undefined) throw new Error('the seed has no events');
    return line;
  }

  /** When its next event happens. */
  get ns(): number {
    return this.#clock + Math.round((this.line.ns - this.#start) * this.#scale);
  }

  next(): void {
    const { ns } = this;
    this.#at += 1;
    if (this.#at < this.#lines.length) return;
    this.#at = 0;
    this.#clock = ns + 1000;
    this.shift = (this.shift + this.#stride) % 4_000_000;
  }
}

const word = (value: number): string => value.toString(16);

/** The lines of a recording of so many events, in pieces of text. */
export function* recording(seedPath: string, events: number): Generator<string> {
  const seed = readSeed(seedPath);
  const first = hex(seed.lines[0]?.[3]);
  const span = hex(seed.lines.at(-1)?.[3]) - first;
  const scale = ((seed.lines.length / RATE) * 1e9 * PLAYERS) / span;
  const players = Array.from({ length: PLAYERS }, (_, i) => {
    const lines = seed.lines.map((words) => lineFor(words, i));
    return new Player(lines, first + ((span * scale) / PLAYERS) * i, scale, 5000 * i, 5000 * PLAYERS);
  });
  const totals = new Map<number, number>();
  const origin = first;
  yield `${seed.header}\n`;
  let told = 0;
  let now = first;
  let nextMark = first + 1e9;
  while (told < events) {
    const burst = new Map<number, [Line, number, number][]>();
    const out: string[] = [];
    for (let i = 0; i < BURST * 2 && told < events; i++, told++) {
      const player = players.reduce((best, other) => (other.ns < best.ns ? other : best));
      const { line } = player;
      if (player.atStart) {
        const which = players.indexOf(player);
        for (const words of seed.device) {
          const { pieces } = lineFor(words, which);
          out.push(`V 0 0 ${word(player.ns)} 1 1${pieces.join('')}\n`);
        }
      }
      now = player.ns;
      const taken = burst.get(line.cpu) ?? [];
      taken.push([line, now, player.shift]);
      burst.set(line.cpu, taken);
      player.next();
    }
    for (const [cpu, taken] of burst) {
      let seq = totals.get(cpu) ?? 0;
      for (const [line, ns, shift] of taken) {
        seq += 1;
        const { tag, pid, tid, pieces, pids } = line;
        let fields = pieces[0] ?? '';
        for (let i = 0; i < pids.length; i++) {
          const own = pids[i] ?? 0;
          fields += word(own === 0 ? 0 : own + shift) + (pieces[i + 1] ?? '');
        }
        out.push(
          `${tag} ${word(cpu)} ${word(seq)} ${word(ns)} ${word(pid + shift)} ${word(tid + shift)}${fields}\n`,
        );
      }
      totals.set(cpu, seq);
    }
    if (now >= nextMark) {
      nextMark = now + 1e9;
      out.push(`{"mark":{"boot":"${now}","wall":"${now - origin + 1.7e18}","events":${told}}}\n`);
    }
    yield out.join('');
  }
  yield '\n\n';
  for (const [cpu, count] of totals) yield `@n[${cpu}]: ${count}\n`;
  const end = {
    complete: true,
    boot: String(now),
    wall: String(now - origin + 1.7e18),
    events,
    lost: 0,
    reasons: [],
  };
  yield `${JSON.stringify({ end })}\n`;
}

/** Writes such a recording; one that is there already is kept. */
export async function writeRecording(seed: string, events: number, path: string): Promise<void> {
  const out = createWriteStream(path, { highWaterMark: 1 << 20 });
  let pending = '';
  for (const piece of recording(seed, events)) {
    pending += piece;
    if (pending.length < 1 << 19) continue;
    if (!out.write(pending, 'latin1')) await once(out, 'drain');
    pending = '';
  }
  out.end(pending);
  await finished(out);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , seed = '', events = '', path = ''] = process.argv;
  await writeRecording(seed, Number(events), path);
}
