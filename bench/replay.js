/**
 * Stands for bpftrace in `npm run bench -- --only live`: writes the events of a recording at the pace of their times, as if they
 * happened now. Like bpftrace it waits for who reads it, and has buffers: what finds no room in them is dropped, and
 * missing in the numbers of the events.
 *
 * Usage: replay.js RECORDING RATE SECONDS REPORT; ends when it is interrupted.
 */
import { readFileSync, writeFileSync, writeSync } from 'node:fs';

/** Events that half of bpftrace's buffer holds: 32 MiB, 200 bytes for an event of 21 words. */
const ROOM = Math.floor((32 << 20) / 200);
const RECORDED_RATE = 50_000;
const EVERY_MS = 5;
const NEWLINE = 0x0a;

const [, , path, rate, seconds, report] = process.argv;
const bytes = readFileSync(path);
const clock = () => Number(process.hrtime.bigint());
const stretch = RECORDED_RATE / Number(rate);
const last = Number(rate) * Number(seconds);
const totals = new Map();
let at = bytes.indexOf(NEWLINE) + 1;
let [start, first, sent, dropped, longest] = [clock() + 2e9, null, 0, 0, 0];

/** The next event, with the time at which it is due; null: there is no more. */
function next() {
  while (at < bytes.length) {
    const end = bytes.indexOf(NEWLINE, at) + 1;
    const line = bytes.latin1Slice(at, end);
    if (!/^[A-Z]/.test(line)) {
      at = end;
      continue;
    }
    const words = line.split(' ', 4);
    const told = Number.parseInt(words[3], 16);
    first ??= told;
    const due = start + Math.round((told - first) * stretch);
    return { end, due, words, rest: line.slice(words.join(' ').length) };
  }
  return null;
}

/** The lines that are due by now. */
function dueLines() {
  const now = clock();
  const lines = [];
  for (let event = next(); event !== null && event.due <= now && sent + dropped < last; event = next()) {
    at = event.end;
    const { due, words, rest } = event;
    const [tag, cpu, seq] = words;
    if (seq !== '0') totals.set(cpu, Number.parseInt(seq, 16));
    const behind = ((now - due) / 1e9) * Number(rate);
    longest = Math.max(longest, now - due);
    if (seq !== '0' && behind > ROOM) dropped++;
    else {
      if (seq !== '0') sent++;
      lines.push(`${tag} ${cpu} ${seq} ${due.toString(16)}${rest}`);
    }
    if (lines.length >= 1000) break;
  }
  lines.push(`R 0 0 ${now.toString(16)} 1 1 0 0 0\n`);
  return lines;
}

function end() {
  writeSync(
    1,
    `\n\n${Array.from(totals, ([cpu, count]) => `@n[${Number.parseInt(cpu, 16)}]: ${count}\n`).join('')}`,
  );
  writeFileSync(report, JSON.stringify({ sent, dropped, longestMs: longest / 1e6 }));
  process.exit(0);
}

process.on('SIGINT', end);
setInterval(() => {
  for (const line of dueLines()) writeSync(1, line, null, 'latin1'); // each by itself, as bpftrace does
}, EVERY_MS);
