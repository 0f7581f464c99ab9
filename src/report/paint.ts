import { Chalk } from 'chalk';

/** What a colour means. */
export type Tone =
  | 'plain'
  /** Less important: times, addresses. */
  | 'dim'
  /** The name of a ufile, VMA or disassociation. */
  | 'name'
  /** Memory became reachable: open, mmap, fork, split, mremap. */
  | 'gain'
  /** Memory was given back in the ordinary way: close, free. */
  | 'end'
  /** Memory was revoked. */
  | 'zap'
  /** Revoked memory was touched, or something failed. */
  | 'alarm'
  /** The tool cannot tell, or does not know all. */
  | 'doubt'
  | 'title';

/** Gives text the colour of its meaning. */
export type Paint = (tone: Tone, text: string) => string;

/** Colours for a terminal of this ability: 0 none, 1 sixteen colours, 2 and 3 more. */
export function paintFor(level: 0 | 1 | 2 | 3): Paint {
  const chalk = new Chalk({ level });
  const styles: Record<Tone, (text: string) => string> = {
    plain: (text) => text,
    dim: chalk.dim,
    name: chalk.bold,
    gain: chalk.green,
    end: chalk.blue,
    zap: chalk.magenta,
    alarm: chalk.red,
    doubt: chalk.yellow,
    title: chalk.bold.underline,
  };
  return (tone, text) => styles[tone](text);
}

/** No colours. */
export const plain: Paint = (_tone, text) => text;
