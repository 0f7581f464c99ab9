import { supportsColor, supportsColorStderr } from 'chalk';
import { type Paint, paintFor, plain } from '../report/paint.ts';
import type { Context } from './context.ts';

/** Columns of a text that goes to a file or a pipe; a terminal may have fewer. */
const WIDTH = 79;
const NARROWEST = 40;

type Stream = 'stdout' | 'stderr';

const set = (value: string | undefined): boolean => value !== undefined && value !== '';

/** Colours for a stream: FORCE_COLOR decides, else NO_COLOR, else whether it is a terminal, and which. */
export function paintOf(context: Context, stream: Stream): Paint {
  const { env } = context;
  const found = stream === 'stdout' ? supportsColor : supportsColorStderr;
  const level = found === false ? 0 : found.level;
  if (set(env['FORCE_COLOR'])) return paintFor(level);
  return paintFor(set(env['NO_COLOR']) || context[stream].isTTY !== true ? 0 : level);
}

/** How text is written to a file, or, where none is given or it is `-`, to standard output. */
export function lookOf(context: Context, file: string | undefined): { paint: Paint; width: number } {
  const isFile = file !== undefined && file !== '-';
  return isFile
    ? { paint: plain, width: WIDTH }
    : { paint: paintOf(context, 'stdout'), width: widthOf(context, 'stdout') };
}

/** Columns for a text on a stream. */
export function widthOf(context: Context, stream: Stream): number {
  const { isTTY, columns } = context[stream];
  return isTTY === true && columns !== undefined && columns > 0
    ? Math.max(NARROWEST, Math.min(WIDTH, columns - 1))
    : WIDTH;
}
