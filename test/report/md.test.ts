import { describe, expect, it } from 'vitest';
import { block, code, prose } from '../../src/report/markdown.ts';
import { relevant, type TaggedLine } from '../../src/report/relevant.ts';
import { lifecycle } from '../recording/lifecycle.ts';
import { Sample } from '../recording/sample.ts';
import { unplug } from '../recording/unplug.ts';
import { render } from './render.ts';

const samples: [string, Sample][] = [
  ['unplug', unplug()],
  ['lifecycle', lifecycle()],
];

describe.each(samples)('%s as markdown', (name, sample) => {
  it('looks as it should', async () => {
    await expect(render('md', sample.bytes)).toMatchFileSnapshot(`../golden/${name}.md`);
  });
});

const line = (n: number, more: Partial<TaggedLine> = {}): TaggedLine => ({
  ns: n,
  who: '',
  rail: ' ',
  name: '',
  parts: [],
  n,
  ufile: 'U1',
  vma: null,
  frame: false,
  ...more,
});

describe('relevant', () => {
  const finding = { rule: 'r', severity: 'violation', message: '', ufile: 'U1', vma: 'V2' } as const;

  it('takes all when there is room', () => {
    expect(relevant([line(1), line(2)], [], 2)).toEqual([line(1), line(2)]);
  });

  it('takes evidence first, then its frame, then its VMA, and counts the rest where it was', () => {
    const lines = [line(1), line(2, { vma: 'V2' }), line(3), line(4, { frame: true }), line(5), line(6)];
    const chosen = relevant(lines, [{ ...finding, evidence: [5] }], 3);
    expect(chosen.map((each) => (typeof each === 'number' ? `(${each})` : each.n))).toEqual([
      '(1)',
      2,
      '(1)',
      4,
      5,
      '(1)',
    ]);
  });
});

describe('markdown', () => {
  it('keeps what a program chose from being markup', () => {
    expect(prose('<img src=x> *a* [b](c) #1 @root')).toBe(
      '\\<img src\\=x\\> \\*a\\* \\[b\\](c) \\#1 &#64;root',
    );
    expect(prose('http://a.b www.c.d')).toBe('http\\://a.b www\\.c.d');
    expect(code('a`b|c')).toBe('`` a`b\\|c ``');
    expect(block('a\n````\n')).toBe('`````text\na\n````\n`````\n');
  });
});

it('escapes what a host is called once', () => {
  const sample = new Sample({ hostname: 'a\x1b\\b' });
  expect(render('md', sample.bytes)).toContain('| host | `a\\x1b\\\\b` |');
});
