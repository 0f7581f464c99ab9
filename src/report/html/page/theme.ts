/** Colours, read from the style sheet, so that light, dark and print are told apart in one place. */
import { STATE_NAMES } from './model.ts';

export interface Theme {
  /** By state. */
  readonly bars: readonly string[];
  /** The same, of what is not chosen. */
  readonly faint: readonly string[];
  readonly ink: string;
  readonly dim: string;
  readonly paper: string;
  readonly rule: string;
  readonly label: string;
  readonly line: string;
  readonly lit: string;
  readonly zap: string;
  readonly touch: string;
  readonly sigbus: string;
  readonly window: string;
  readonly requested: string;
  readonly teardown: string;
  readonly waiting: string;
  readonly zapping: string;
  readonly gap: string;
  readonly ufile: string;
}

/** The colours that hold now. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    bars: STATE_NAMES.map((name) => colour(name)),
    faint: STATE_NAMES.map((name) => colour(`${name}-faint`)),
    ink: colour('ink'),
    dim: colour('dim'),
    paper: colour('paper'),
    rule: colour('rule'),
    label: colour('bar-label'),
    line: colour('line'),
    lit: colour('lit'),
    zap: colour('zap'),
    touch: colour('touch'),
    sigbus: colour('sigbus'),
    window: colour('window'),
    requested: colour('requested'),
    teardown: colour('teardown'),
    waiting: colour('waiting'),
    zapping: colour('zapping'),
    gap: colour('gap'),
    ufile: colour('ufile'),
  };
}
