/** The forms of what `umaptrace check` gives out: one line for each. */
import type { Outcome } from '../check/finding.ts';
import { checkJson } from './check-json.ts';
import { checkText } from './check-text.ts';
import { junit } from './junit.ts';
import type { Paint } from './paint.ts';
import { sarif } from './sarif.ts';
import type { Tally } from './tally.ts';

/** A recording that has been held against the rules. */
export interface Checked {
  readonly outcome: Outcome;
  readonly tally: Tally;
  /** Its name, as it was given; `-` is standard input. */
  readonly file: string;
  readonly version: string;
  readonly paint: Paint;
  /** Columns of text. */
  readonly width: number;
  /** Long lists of text are not cut. */
  readonly all: boolean;
}

export interface CheckFormat {
  /** File name extensions that mean it. */
  readonly extensions: readonly string[];
  readonly text: (checked: Checked) => string | Promise<string>;
}

const formats = {
  text: { extensions: ['.txt', '.text', '.log'], text: checkText },
  json: { extensions: ['.json'], text: checkJson },
  junit: { extensions: ['.xml'], text: junit },
  sarif: { extensions: ['.sarif', '.sarif.json'], text: sarif },
} satisfies Record<string, CheckFormat>;

export type CheckFormatName = keyof typeof formats;

/** Every format by name. */
export const CHECK_FORMATS: Readonly<Record<CheckFormatName, CheckFormat>> = formats;

const isName = (name: string): name is CheckFormatName => Object.hasOwn(formats, name);

/** The names of all formats. */
export const CHECK_FORMAT_NAMES: readonly CheckFormatName[] = Object.keys(formats).filter(isName);
