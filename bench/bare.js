/**
 * What following VMAs costs at least in JavaScript: lines read, events put in order, VMAs kept in flat arrays by number. No rules, no names,
 * no line that is not an event, nothing told but counts. What umaptrace needs beyond this is what it knows more.
 */
import { createReadStream } from 'node:fs';

const [BLANK, NEWLINE] = [0x20, 0x0a];
const tag = (text) => (text.charCodeAt(0) << 8) | (text.charCodeAt(1) || BLANK);
const [MMAP_IO, UMAP_OPEN, UMAP_CLOSE] = [tag('M'), tag('O'), tag('C')];
const WINDOW_NS = 1e9;

/** Two digits at once: their value; ONE and the value of one digit before anything else; NONE. */
const [ONE, NONE] = [0x100, 0x200];
const PAIRS = new Uint16Array(1 << 16).fill(NONE);
const DIGITS = Buffer.from('0123456789abcdef');
DIGITS.forEach((first, high) => {
  PAIRS.fill(ONE + high, first << 8, (first + 1) << 8);
  DIGITS.forEach((second, low) => {
    PAIRS[(first << 8) | second] = high * 16 + low;
  });
});

/** Lines that wait, each as the halves of its words, from a row on. */
const [ROWS, WIDTH] = [1 << 17, 46];
const halves = new Uint32Array(ROWS * WIDTH);
const times = new Float64Array(ROWS);
const tags = new Uint16Array(ROWS);
let nextRow = 0;

/** Kernel addresses as small numbers. */
const ADDRESSES = 1 << 18;
const [highs, lows, numbers] = [0, 0, 0].map(() => new Uint32Array(ADDRESSES));
let known = 0;

function numberOf(at) {
  const [high, low] = [halves[at], halves[at + 1]];
  let place = (Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)) >>> 14;
  while (numbers[place] !== 0) {
    if (lows[place] === low && highs[place] === high) return numbers[place];
    place = (place + 1) & (ADDRESSES - 1);
  }
  highs[place] = high;
  lows[place] = low;
  known += 1;
  numbers[place] = known;
  return known;
}

/** VMAs, by the number of their address: 0 where there is none. */
const at = new Uint32Array(ADDRESSES);
const VMAS = 1 << 16;
const [starts, ends] = [new Float64Array(VMAS), new Float64Array(VMAS)];
const [mms, ufiles, places] = [0, 0, 0].map(() => new Uint32Array(VMAS));
const free = Array.from({ length: VMAS - 1 }, (_, i) => VMAS - 1 - i);
const counts = { events: 0, born: 0, ended: 0, unknown: 0 };

const wide = (place) => halves[place] * 0x1_0000_0000 + halves[place + 1];

function end(vma) {
  at[places[vma]] = 0;
  free.push(vma);
  counts.ended += 1;
}

/** @param word of the row: its address, its mm, its first byte and the first after it */
function born(row, word, ufile) {
  const place = numberOf(row + 2 * word);
  if (at[place] !== 0) end(at[place]);
  const vma = free.pop();
  at[place] = vma;
  places[vma] = place;
  mms[vma] = numberOf(row + 2 * word + 2);
  ufiles[vma] = ufile;
  starts[vma] = wide(row + 2 * word + 4);
  ends[vma] = wide(row + 2 * word + 6);
  counts.born += 1;
  return vma;
}

/** A copy: a split leaves its parent the rest. */
function copied(row) {
  const parent = at[numberOf(row + 30)];
  const vma = born(row, 7, parent === 0 ? numberOf(row + 38) : ufiles[parent]);
  if (parent === 0) counts.unknown += 1;
  else if (mms[parent] === mms[vma] && starts[vma] === starts[parent]) starts[parent] = ends[vma];
  else if (mms[parent] === mms[vma] && ends[vma] === ends[parent]) ends[parent] = starts[vma];
}

function apply(index) {
  counts.events += 1;
  const row = index * WIDTH;
  if (tags[index] === MMAP_IO && halves[row + 15] === 0) born(row, 10, numberOf(row + 16));
  else if (tags[index] === UMAP_OPEN) copied(row);
  else if (tags[index] === UMAP_CLOSE) {
    const vma = at[numberOf(row + 14)];
    if (vma === 0) counts.unknown += 1;
    else end(vma);
  }
}

/** Rows of each CPU, which come in order. */
const CPUS = 64;
const ROOM = 1 << 16;
const queues = Array.from({ length: CPUS }, () => new Uint32Array(ROOM));
const [taken, put] = [new Uint32Array(CPUS), new Uint32Array(CPUS)];
const heads = new Float64Array(CPUS).fill(Number.POSITIVE_INFINITY);
let newest = 0;

function release(before) {
  for (;;) {
    let first = -1;
    let least = before;
    for (let cpu = 0; cpu < CPUS; cpu++) {
      if (heads[cpu] >= least) continue;
      least = heads[cpu];
      first = cpu;
    }
    if (first < 0) return;
    const index = queues[first][taken[first]++ % ROOM];
    const isEmpty = taken[first] === put[first];
    heads[first] = isEmpty ? Number.POSITIVE_INFINITY : times[queues[first][taken[first] % ROOM]];
    apply(index);
  }
}

/** Puts the words between two places into the next row. @returns whether there was nothing else */
function readWords(view, from, to) {
  let next = nextRow * WIDTH;
  let place = from;
  while (place < to) {
    if (view.getUint8(place) !== BLANK) return false;
    let [high, low] = [0, 0];
    for (place += 1; place < to; place += 2) {
      const pair = PAIRS[view.getUint16(place)];
      if (pair >= ONE) {
        if (pair === NONE) break;
        high = (high << 4) | (low >>> 28);
        low = (low << 4) | (pair - ONE);
        place += 1;
        break;
      }
      high = (high << 8) | (low >>> 24);
      low = (low << 8) | pair;
    }
    halves[next++] = high;
    halves[next++] = low;
  }
  return true;
}

function see(chunk, view, from, to) {
  const second = chunk[from + 1];
  if (!readWords(view, from + (second === BLANK ? 1 : 2), to)) return;
  const row = nextRow * WIDTH;
  const isOfUserSpace = halves[row + 3] === 0;
  const cpu = isOfUserSpace ? CPUS - 1 : halves[row + 1] % (CPUS - 1);
  const time = wide(row + 4);
  times[nextRow] = time;
  tags[nextRow] = (chunk[from] << 8) | second;
  if (taken[cpu] === put[cpu]) heads[cpu] = time;
  queues[cpu][put[cpu]++ % ROOM] = nextRow;
  nextRow = (nextRow + 1) % ROWS;
  if (time > newest) newest = time;
  release(newest - WINDOW_NS);
}

for await (const chunk of createReadStream(process.argv[2], { highWaterMark: 1 << 18 })) {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  let from = 0; // a line that two chunks share is left out
  for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
    see(chunk, view, from, to);
    from = to + 1;
  }
}
release(Number.POSITIVE_INFINITY);
process.stdout.write(`${JSON.stringify(counts)}\n`);
