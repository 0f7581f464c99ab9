import type { DoctorJson } from './doctor.ts';
import { escapeText } from './escape.ts';
import { foldText } from './line.ts';
import type { Paint, Tone } from './paint.ts';
import { counted } from './values.ts';

type CheckJson = DoctorJson['checks'][number];

export interface DoctorStyle {
  readonly paint: Paint;
  /** Columns that a line should not exceed; a command is never folded. */
  readonly width: number;
}

const TONES: Readonly<Record<CheckJson['state'], Tone>> = {
  ok: 'gain',
  warning: 'doubt',
  missing: 'alarm',
  unknown: 'dim',
};

const STATE = 9;

/** One check: what was found, what that costs, and the line that mends it, below each other. */
function checkText(check: CheckJson, nameWidth: number, { paint, width }: DoctorStyle): string {
  const indent = ' '.repeat(STATE + nameWidth);
  const fold = (text: string, room: number): string[] => foldText(escapeText(text), room);
  const room = width - indent.length;
  const rows = [
    ...fold(check.found, room),
    ...(check.cost === null
      ? []
      : fold(check.cost, room - 2).map((row, i) => `${i === 0 ? '→ ' : '  '}${row}`)),
    ...(check.mend === null ? [] : [`mend: ${paint('name', escapeText(check.mend))}`]),
  ];
  const head = paint(TONES[check.state], check.state.padEnd(STATE)) + check.name.padEnd(nameWidth);
  return `${head}${rows.join(`\n${indent}`)}\n`;
}

function lastLine({ able, checks }: DoctorJson): string {
  const number = (state: CheckJson['state']): number =>
    checks.filter((check) => check.state === state).length;
  const unknown = number('unknown');
  const rest = [
    ...(number('warning') > 0 ? [counted(number('warning'), 'warning')] : []),
    ...(unknown > 0 ? [`${counted(unknown, 'thing')} not known`] : []),
  ];
  const also = rest.length > 0 ? `, ${rest.join(', ')}` : '';
  if (able) return `umaptrace can trace here${also}`;
  return `umaptrace cannot trace here: ${number('missing')} missing${also}`;
}

/** A line or more for each check, and one for all. */
export function doctorText(found: DoctorJson, style: DoctorStyle): string {
  const { version, kernel, arch, bpftrace } = found;
  const title = `umaptrace ${version} · ${kernel} · ${arch} · bpftrace ${bpftrace ?? 'none'}`;
  const nameWidth = Math.max(...found.checks.map(({ name }) => name.length)) + 2;
  const checks = found.checks.map((check) => checkText(check, nameWidth, style));
  return `${style.paint('title', escapeText(title))}\n${checks.join('')}${lastLine(found)}\n`;
}
