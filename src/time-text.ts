/** Durations and times as text, the same in findings, reports and the page. */

const UNITS = [
  ['s', 1e9],
  ['ms', 1e6],
  ['µs', 1e3],
] as const;
/** What has three digits is rounded up to the next unit from here on. */
const NEARLY = 0.9995;

/** A duration in ns with three digits: `3.21 ms`. */
export function duration(ns: number): string {
  for (const [unit, size] of UNITS) {
    const value = ns / size;
    if (Math.abs(value) < NEARLY) continue;
    return `${Math.abs(value) >= 999.5 ? Math.round(value) : value.toPrecision(3)} ${unit}`;
  }
  return `${Math.round(ns)} ns`;
}

/** ns from the start of the trace, to the microsecond, cut: `+12.345678`. */
export function relativeTime(ns: number): string {
  const whole = Math.floor(Math.abs(ns) / 1000);
  const micros = String(whole % 1_000_000).padStart(6, '0');
  return `${ns < 0 ? '-' : '+'}${Math.floor(whole / 1_000_000)}.${micros}`;
}
