/** Text as markdown that stays text: no markup, no HTML, no links, no mentions of people or issues. */
import { escapeText } from './escape.ts';

const longestRun = (text: string): number =>
  Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));

/** Text that was made inert before ({@link escapeText}), inside a line of prose or a table. */
export const escapedProse = (text: string): string =>
  text
    .replace(/[!-/:-?[-`{-~]/g, (sign) => (/[,.:;()'"/+-]/.test(sign) ? sign : `\\${sign}`))
    .replaceAll('@', '&#64;')
    .replaceAll('://', '\\://')
    .replace(/www\./gi, (start) => `${start.slice(0, -1)}\\.`)
    .replace(/^([-+]|\d+[.)])/, '\\$1');

/** Text inside a line of prose or a table. */
export const prose = (text: string): string => escapedProse(escapeText(text));

/** A name, as code. */
export const code = (text: string): string => escapedCode(escapeText(text));

/** A name that was made inert before, as code. */
export function escapedCode(text: string): string {
  const safe = text.replaceAll('|', '\\|');
  const fence = '`'.repeat(longestRun(safe) + 1);
  return safe === '' ? '' : `${fence} ${safe} ${fence}`.replace(/^(`) ([^`]+) (`)$/, '$1$2$3');
}

/** Lines as a block of code. */
export function block(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}text\n${text}${fence}\n`;
}

/** A table with a heading for each column. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return line(headings) + line(headings.map(() => '---')) + rows.map(line).join('');
}
