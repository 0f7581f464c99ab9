/** Figures of several runs, and tables of them. Pure. */

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = low] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return (low + high) / 2;
}

/** Median with the least and the most, as `1.02 (0.97 to 1.10)`. */
export function spread(values: readonly number[], digits = 2): string {
  if (values.length === 0) return 'not measured';
  const text = (value: number): string => value.toFixed(digits);
  return `${text(median(values))} (${text(Math.min(...values))} to ${text(Math.max(...values))})`;
}

/** a/b, run by run: what drifts in both goes out. */
export const ratios = (a: readonly number[], b: readonly number[]): number[] =>
  a.slice(0, b.length).map((value, i) => value / (b[i] ?? Number.NaN));

/** a - b, run by run. */
export const differences = (a: readonly number[], b: readonly number[]): number[] =>
  a.slice(0, b.length).map((value, i) => value - (b[i] ?? Number.NaN));

/** A part of docs/performance.md. */
export interface Table {
  /** Name of the part: between its markers stands what it measured last. */
  readonly part: string;
  /** One sentence: what was done, how often. */
  readonly about: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A table as markdown. */
export function markdown({ about, head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [about, '', line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n');
}
