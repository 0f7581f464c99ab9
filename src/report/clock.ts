/** The clocks of a recording: time from its start, time since boot, and wall-clock time. */
import { Origin } from '../event/event.ts';
import type { Anchor, Header } from '../recording/format.ts';

const two = (value: number): string => String(value).padStart(2, '0');

export class Clock {
  readonly origin: Origin;
  readonly #anchor: Anchor | null;

  constructor(header: Pick<Header, 'origin' | 'anchor'>) {
    this.origin = new Origin(header.origin);
    this.#anchor = header.anchor ?? null;
  }

  /** ns since boot, as decimal text. */
  boot(ns: number): string {
    return String(this.origin.absolute(ns));
  }

  /** ns since the epoch; null when the recording does not tie its clock to the wall. */
  wall(ns: number): bigint | null {
    if (this.#anchor === null) return null;
    return this.#anchor.wall + this.origin.absolute(ns) - this.#anchor.boot;
  }

  /** ns from the start, of ns since the epoch; null when the recording does not tie its clock to the wall. */
  fromWall(wall: bigint): number | null {
    if (this.#anchor === null) return null;
    return Number(wall - this.#anchor.wall + this.#anchor.boot - this.origin.boot);
  }

  /** Wall-clock time in UTC with all its digits, `2025-11-22T12:00:00.123456789Z`; null when not known. */
  iso(ns: number): string | null {
    const date = this.#date(ns);
    if (date === null) return null;
    const nanos = String((this.wall(ns) ?? 0n) % 1_000_000_000n).padStart(9, '0');
    return `${date.toISOString().slice(0, 19)}.${nanos}Z`;
  }

  /** Wall-clock time of day here, `12:00:00.123456`; null when not known. */
  timeOfDay(ns: number): string | null {
    const date = this.#date(ns);
    if (date === null) return null;
    const micros = String(((this.wall(ns) ?? 0n) / 1000n) % 1_000_000n).padStart(6, '0');
    return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${micros}`;
  }

  /** Wall-clock day and time here, `2025-11-22 12:00:00 +01:00`; null when not known. */
  dayAndTime(ns: number): string | null {
    const date = this.#date(ns);
    if (date === null) return null;
    const ahead = -date.getTimezoneOffset();
    const zone = `${ahead < 0 ? '-' : '+'}${two(Math.floor(Math.abs(ahead) / 60))}:${two(Math.abs(ahead) % 60)}`;
    const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
    return `${day} ${this.timeOfDay(ns)?.slice(0, 8)} ${zone}`;
  }

  /** To the millisecond; null beyond what a date can say. */
  #date(ns: number): Date | null {
    const wall = this.wall(ns);
    if (wall === null || wall < 0n) return null;
    const date = new Date(Number(wall / 1_000_000n));
    return Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999 ? null : date;
  }
}
