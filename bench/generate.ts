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
/** Lines that are given out CPU by CPU, as bpftrace takes them from one buffer after the other. */
const BURST = 128;
const LONGEST_BURST_NS = 10e6;
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

/** An event that is due: a line with its time, and what is added to its pids. */
interface Due {
  readonly line: Line;
  readonly ns: number;
  readonly shift: number;
}

/** The text of an event, the `seq`-th of its CPU. */
function textOf({ line, ns, shift }: Due, seq: number): string {
  const { tag, cpu, pid, tid, pieces, pids } = line;
  let text = `${tag} ${word(cpu)} ${word(seq)} ${word(ns)} ${word(pid + shift)} ${word(tid + shift)}`;
  pieces.forEach((piece, i) => {
    const own = pids[i - 1];
    text += own === undefined ? piece : `${word(own === 0 ? 0 : own + shift)}${piece}`;
  });
  return `${text}\n`;
}

/** All players together: their events in order of time, given out CPU by CPU as bpftrace reads its buffers. */
class Stage {
  readonly #players: readonly Player[];
  readonly #devices: readonly string[];
  readonly #totals = new Map<number, number>();
  now: number;

  constructor(seed: Seed) {
    const first = hex(seed.lines[0]?.[3]);
    const span = hex(seed.lines.at(-1)?.[3]) - first;
    const scale = ((seed.lines.length / RATE) * 1e9 * PLAYERS) / span;
    this.now = first;
    this.#players = Array.from({ length: PLAYERS }, (_, i) => {
      const lines = seed.lines.map((words) => lineFor(words, i));
      return new Player(lines, first + ((span * scale) / PLAYERS) * i, scale, 5000 * i, 5000 * PLAYERS);
    });
    this.#devices = this.#players.map((_, i) =>
      seed.device.map((words) => lineFor(words, i).pieces.join('')).join(''),
    );
  }

  /** Events told on each CPU. */
  get totals(): ReadonlyMap<number, number> {
    return this.#totals;
  }

  /** The text of what comes next, at most so many events; and how many these are. */
  burst(most: number): { text: string; events: number } {
    const byCpu = new Map<number, Due[]>();
    const out: string[] = [];
    const until = this.#first().ns + LONGEST_BURST_NS;
    let events = 0;
    for (let next = this.#first(); events < most && next.ns < until; next = this.#first()) {
      const due = { line: next.line, ns: next.ns, shift: next.shift };
      if (next.atStart) out.push(`V 0 0 ${word(due.ns)} 1 1${this.#devices[this.#players.indexOf(next)]}\n`);
      const of = byCpu.get(due.line.cpu);
      if (of === undefined) byCpu.set(due.line.cpu, [due]);
      else of.push(due);
      this.now = due.ns;
      events += 1;
      next.next();
    }
    for (const [cpu, dues] of byCpu) {
      const seq = this.#totals.get(cpu) ?? 0;
      dues.forEach((due, i) => {
        out.push(textOf(due, seq + i + 1));
      });
      this.#totals.set(cpu, seq + dues.length);
    }
    return { text: out.join(''), events };
  }

  #first(): Player {
    return this.#players.reduce((best, other) => (other.ns < best.ns ? other : best));
  }
}

const WALL = 1_700_000_000_000_000_000n;

/** The lines of a recording of so many events, in pieces of text. */
export function* recording(seedPath: string, events: number): Generator<string> {
  const seed = readSeed(seedPath);
  const stage = new Stage(seed);
  const start = stage.now;
  const clocks = () => ({ boot: String(stage.now), wall: String(WALL + BigInt(stage.now - start)) });
  yield `${seed.header}\n`;
  let told = 0;
  for (let mark = start + 1e9; told < events; ) {
    const piece = stage.burst(Math.min(BURST, events - told));
    told += piece.events;
    yield piece.text;
    if (stage.now < mark) continue;
    mark = stage.now + 1e9;
    yield `${JSON.stringify({ mark: { ...clocks(), events: told } })}\n`;
  }
  yield '\n\n';
  for (const [cpu, count] of stage.totals) yield `@n[${cpu}]: ${count}\n`;
  yield `${JSON.stringify({ end: { complete: true, ...clocks(), events, lost: 0, reasons: [] } })}\n`;
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
