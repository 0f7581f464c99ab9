/** One line of a recording, other than an event line, as an item. */
import * as v from 'valibot';
import { EXIT } from '../exit.ts';
import { UserError } from '../user-error.ts';
import {
  anyHeader,
  cgroup,
  footer,
  type Header,
  header,
  lost,
  mark,
  note,
  RECORDING_FORMAT,
} from './format.ts';
import type { RecordingItem } from './item.ts';

/** JSON of a line read as latin1 characters; undefined when it is none. */
function parseJson(line: string): unknown {
  try {
    return JSON.parse(Buffer.from(line, 'latin1').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Lines that may stand before the header: bpftrace's greeting and warnings (0.27 has three lines for each of 61 places of a program). */
export const LONGEST_PREFACE = 1000;
/** Bytes of the header, and of any other line. */
export const LONGEST_HEADER = 1 << 20;
export const LONGEST_LINE = 1 << 16;

/** The problem with a file that is not a recording at all. */
export function notARecording(detail: string): UserError {
  return new UserError(`this is not a recording of umaptrace: ${detail}`, { exitCode: EXIT.usage });
}

/**
 * The header on a line; undefined when the line is not one.
 * @throws UserError when it is the header of a newer format, or a damaged one.
 */
export function parseHeader(line: string): Header | undefined {
  if (!line.startsWith('{')) return undefined;
  const json = parseJson(line);
  const known = v.safeParse(anyHeader, json);
  if (!known.success) return undefined;
  if (known.output.format > RECORDING_FORMAT) {
    throw new UserError(
      `this recording has format ${known.output.format}; this umaptrace reads up to format ${RECORDING_FORMAT}`,
      { exitCode: EXIT.usage, hint: 'read it with the umaptrace that wrote it, or with a newer one' },
    );
  }
  const whole = v.safeParse(header, json);
  if (whole.success) return whole.output;
  const where = v.getDotPath(whole.issues[0]) ?? 'its fields';
  throw notARecording(`its header is damaged (${where})`);
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const jsonItems: Record<string, (json: object) => RecordingItem | undefined> = {
  mark: (json) => {
    const { success, output } = v.safeParse(mark, json);
    return success ? { kind: 'mark', mark: output.mark } : undefined;
  },
  lost: (json) => {
    const { success, output } = v.safeParse(lost, json);
    return success ? { kind: 'lost', ...output.lost } : undefined;
  },
  note: (json) => {
    const { success, output } = v.safeParse(note, json);
    return success ? { kind: 'note', text: output.note.text } : undefined;
  },
  cgroup: (json) => {
    const { success, output } = v.safeParse(cgroup, json);
    return success ? { kind: 'cgroup', ...output.cgroup } : undefined;
  },
  end: (json) => {
    const { success, output } = v.safeParse(footer, json);
    return success ? { kind: 'footer', footer: output.end } : undefined;
  },
};

/** A line of JSON, after the header. */
function parseJsonLine(line: string): RecordingItem | string {
  const json = parseJson(line);
  if (!isObject(json)) return 'broken JSON';
  const [key = ''] = Object.keys(json);
  if (key === 'umaptrace') return 'a second header';
  const read = Object.hasOwn(jsonItems, key) ? jsonItems[key] : undefined;
  return read?.(json) ?? 'JSON of an unknown form';
}

/** What bpftrace prints of its own, that says nothing: blank lines, its greeting, left-over maps. */
const IDLE = /^$|^Attach(?:ing|ed) \d+ probes?(?:\.\.\.)?$|^@\w*(?:\[[^\]]*\])?: /;
const TOTAL = /^@n\[(\d{1,5})\]: (\d{1,15})$/;
const LOST = /^Lost (\d{1,15}) events$/;

/** A line that is not an event; undefined when it says nothing, a reason when it cannot be read. */
export function parseOther(line: string): RecordingItem | string | undefined {
  if (line.startsWith('{')) return parseJsonLine(line);
  const [, cpu, total] = TOTAL.exec(line) ?? [];
  if (total !== undefined) return { kind: 'total', cpu: Number(cpu), count: Number(total) };
  if (IDLE.test(line)) return undefined;
  const [, count] = LOST.exec(line) ?? [];
  if (count !== undefined) return { kind: 'lost', boot: null, count: Number(count) };
  if (line.includes('\0')) return 'NUL bytes';
  return 'not an event';
}
