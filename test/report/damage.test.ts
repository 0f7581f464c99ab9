import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FORMAT_NAMES } from '../../src/report/formats.ts';
import { UserError } from '../../src/user-error.ts';
import { lifecycle } from '../recording/lifecycle.ts';
import { unplug } from '../recording/unplug.ts';
import { pageModel } from './html/page.ts';
import { readTrace } from './perfetto.ts';
import { render, renderBytes } from './render.ts';

const originals = [unplug().text, lifecycle().text];
const word = fc.oneof(
  fc.constantFrom('0', '1', 'ffffffffffffffff', '7fffffffffffffff', '8000000000000000', 'fffffffffffff000'),
  fc.integer({ min: 0 }).map((value) => value.toString(16)),
);

/** Ways to spoil a recording, each given a random number. */
const damages: Readonly<Record<string, (lines: string[], at: number, word: string) => string[]>> = {
  drop: (lines, at) => lines.filter((_, i) => i !== at),
  double: (lines, at) => lines.flatMap((line, i) => (i === at ? [line, line] : [line])),
  swap: (lines, at) => [...lines.slice(0, at), ...lines.slice(at).reverse()],
  cut: (lines, at) => lines.map((line, i) => (i === at ? line.slice(0, line.length >> 1) : line)),
  end: (lines, at) => lines.slice(0, at + 1),
  garbage: (lines, at) => lines.toSpliced(at, 0, '\x1b[31m\0\xff'),
  word: (lines, at, value) => lines.map((line, i) => (i === at ? spoil(line, value) : line)),
};

const spoil = (line: string, value: string): string => {
  const words = line.split(' ');
  words[1 + (value.length % Math.max(1, words.length - 1))] = value;
  return words.join(' ');
};

const spoiled = fc
  .tuple(
    fc.constantFrom(...originals),
    fc.array(fc.tuple(fc.constantFrom(...Object.values(damages)), fc.nat(30), word), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([text, steps]) => {
    const [header = '', ...events] = text.split('\n');
    const lines = steps.reduce((all, [damage, at, value]) => damage(all, at, value), events);
    return Buffer.from([header, ...lines].join('\n'), 'latin1');
  });

describe.each(FORMAT_NAMES)('a damaged recording as %s', (format) => {
  it('is reported, or refused with a sentence, and lets no control character through', () => {
    fc.assert(
      fc.property(spoiled, (bytes) => {
        if (format === 'perfetto') {
          readTrace(renderBytes(format, bytes));
          return;
        }
        const text = render(format, bytes);
        expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
        if (format === 'html') pageModel(text);
        if (format === 'json') JSON.parse(text);
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  it('is reported or refused whatever the bytes are', () => {
    const header = unplug().text.split('\n')[0] ?? '';
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, withHeader) => {
        const all = withHeader ? Buffer.concat([Buffer.from(`${header}\n`), bytes]) : Buffer.from(bytes);
        try {
          render(format, all);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});
