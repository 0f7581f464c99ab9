import { describe, expect, test } from 'vitest';
import { chooseFormat } from '../../src/cli/format.ts';
import { CHECK_FORMAT_NAMES, CHECK_FORMATS } from '../../src/report/check-formats.ts';
import { FORMAT_NAMES, FORMATS } from '../../src/report/formats.ts';

type Asked = Parameters<typeof chooseFormat<(typeof FORMAT_NAMES)[number]>>[2];
const chosen = (asked: Asked): string => chooseFormat(FORMAT_NAMES, FORMATS, asked);

describe('the form of an answer', () => {
  test.each<[Asked, string]>([
    [{}, 'text'],
    [{ output: 'out' }, 'text'],
    [{ output: '-' }, 'text'],
    [{ output: '/dev/null' }, 'text'],
    [{ output: 'v1.2/out' }, 'text'],
    [{ output: 'out.log' }, 'text'],
    [{ output: 'out.ndjson' }, 'jsonl'],
    [{ output: 'out.pftrace' }, 'perfetto'],
    [{ output: 'out.html', format: 'md' }, 'md'],
    [{ output: 'out.html', json: true }, 'json'],
    [{ output: 'out.pdf', format: 'html' }, 'html'],
    [{ format: 'json', json: true }, 'json'],
  ])('%o: %s', (asked, format) => {
    expect(chosen(asked)).toBe(format);
  });

  test('is that of the longest extension', () => {
    expect(chooseFormat(CHECK_FORMAT_NAMES, CHECK_FORMATS, { output: 'a.sarif.json' })).toBe('sarif');
    expect(chooseFormat(CHECK_FORMAT_NAMES, CHECK_FORMATS, { output: 'a.json' })).toBe('json');
  });

  test('is not guessed', () => {
    expect(() => chosen({ format: 'md', json: true })).toThrow(/--json and --format md contradict/);
    expect(() => chosen({ output: 'report.pdf' })).toThrow(/extension \.pdf/);
  });
});
