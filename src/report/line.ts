/** A line of the timeline, as data, and as text of a bounded width. */
import stringWidth from 'string-width';
import type { Paint, Tone } from './paint.ts';

/** One column a character, at a glance: most of what is printed. */
const NARROW = /^[ -~\u00b5\u00b7\u2026]*$/;
/** Measured in pieces of so many characters: the time that string-width takes grows faster than the text. */
const PIECE = 256;

function widthOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  if (text.length <= PIECE) return stringWidth(text);
  let width = 0;
  for (let at = 0; at < text.length; at += PIECE) width += widthOf(text.slice(at, at + PIECE));
  return width;
}

/** A piece of a line; pieces stay whole when a line is folded, where they can. */
export type Part = readonly [Tone, string];

/** Where a line stands in the block of a disassociation. */
export type Rail = ' ' | '┌' | '│' | '└';

export interface Line {
  /** ns since the start of the trace. */
  readonly ns: number;
  /** The process, escaped; empty when there is none. */
  readonly who: string;
  readonly rail: Rail;
  /** Name of the ufile, VMA or disassociation. */
  readonly name: string;
  readonly parts: readonly Part[];
}

export interface LineStyle {
  readonly paint: Paint;
  /** The time column of a moment, ns since the start, and its usual width. */
  readonly time: (ns: number) => string;
  readonly timeWidth: number;
  /** Columns that a line should not exceed. */
  readonly width: number;
}

const WHO = 15;
const NAME = 4;

const padStart = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - widthOf(text))) + text;
const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));

/** Pieces that are wider than a whole line, cut at their blanks. */
function cutWide(parts: readonly Part[], room: number): Part[] {
  return parts.flatMap(([tone, text]) => foldText(text, room).map((row): Part => [tone, row]));
}

/**
 * Rows of pieces, each at most as wide as the room left, two blanks between pieces.
 * @param first columns in the first row
 * @param room columns in the others
 */
function fold(parts: readonly Part[], first: number, room: number): Part[][] {
  const gaps = 2 * Math.max(0, parts.length - 1);
  const whole = parts.reduce((width, [, text]) => width + widthOf(text), gaps);
  if (whole <= Math.min(first, room)) return [[...parts]];
  const rows: Part[][] = [[]];
  let left = first;
  for (const part of cutWide(parts, room)) {
    const width = widthOf(part[1]) + 2;
    const row = rows.at(-1);
    if (row !== undefined && (row.length === 0 || width <= left + 2)) {
      row.push(part);
      left -= width;
    } else {
      rows.push([part]);
      left = room - width;
    }
  }
  return rows;
}

/** Text folded at its blanks. */
export function foldText(text: string, width: number): string[] {
  if (widthOf(text) <= width) return [text];
  const rows: string[] = [];
  let used = width;
  for (const word of text.split(' ')) {
    const needed = widthOf(word) + 1;
    if (rows.length === 0 || used + needed > width) {
      rows.push(word);
      used = needed - 1;
    } else {
      rows[rows.length - 1] += ` ${word}`;
      used += needed;
    }
  }
  return rows;
}

/** The text of a line, with its newlines: folded below itself when it is wider than allowed. */
export function renderLine(line: Line, style: LineStyle): string {
  const { paint, width, timeWidth } = style;
  const below = timeWidth + 1 + WHO + 1;
  const time = padStart(style.time(line.ns), timeWidth);
  const who = padEnd(line.who, WHO);
  const name = padEnd(line.name, NAME);
  const used = widthOf(time) + widthOf(who) + widthOf(name) + 5;
  const rows = fold(line.parts, width - used, width - below - NAME - 3).map((row) =>
    row.map(([tone, text]) => paint(tone, text)).join('  '),
  );
  const rail = (mark: Rail): string => (mark === ' ' ? ' ' : paint('zap', mark));
  const head = `${paint('dim', time)} ${who} ${rail(line.rail)} ${paint('name', name)} `;
  const railBelow: Rail = line.rail === '┌' || line.rail === '│' ? '│' : ' ';
  const indent = `\n${' '.repeat(below)}${rail(railBelow)}${' '.repeat(NAME + 2)}`;
  return `${(head + rows.join(indent)).trimEnd()}\n`;
}
