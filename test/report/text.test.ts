import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { paintFor } from '../../src/report/paint.ts';
import { lifecycle } from '../recording/lifecycle.ts';
import { fork, kernel, Sample, umapOpen } from '../recording/sample.ts';
import { unplug } from '../recording/unplug.ts';
import { render } from './render.ts';

const linesOf = (text: string): string[] => text.split('\n');
const about = (text: string, name: string): string[] =>
  linesOf(text).filter((line) => new RegExp(`\\b${name}\\b`).test(line));

describe('the timeline as text', () => {
  it('tells the removal of a device', async () => {
    await expect(render('text', unplug().bytes)).toMatchFileSnapshot('../golden/unplug.txt');
  });

  it('tells the life of mappings', async () => {
    await expect(render('text', lifecycle().bytes)).toMatchFileSnapshot('../golden/lifecycle.txt');
  });

  it('tells wall-clock times when asked', () => {
    expect(render('text', unplug().bytes, { absolute: true })).toContain('\n12:00:00.001500 unplug[312]');
  });

  it('stays under 80 columns', () => {
    const text = [unplug(), lifecycle()].flatMap(({ bytes }) => linesOf(render('text', bytes)));
    expect(text.filter((line) => stringWidth(line) >= 80)).toEqual([]);
  });

  it('has colours only when asked, and the same words with them', () => {
    const coloured = render('text', unplug().bytes, { paint: paintFor(1) });
    const bare = stripVTControlCharacters(coloured);
    expect(coloured).not.toBe(bare);
    expect(bare.replaceAll(/ +$/gm, '')).toBe(render('text', unplug().bytes));
  });

  it('lets no control character of a comm through', () => {
    const text = render('text', lifecycle().bytes);
    expect(text).toContain('life\\x1b[31mcycle[4711]');
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
});

describe('a fork', () => {
  const parent = { pid: 312, comm: 'server' };
  const mm = kernel(0xa000);
  const child = kernel(0xb000);
  const mapping = (number: number, of: string) => ({
    vma: kernel(number),
    mm: of,
    start: 0x7f0000000000,
    pages: 1,
    umap: kernel(number + 8),
  });
  const sample = (): Sample =>
    new Sample().tell(10, parent, umapOpen(mapping(0x200, child), mapping(0x100, mm)));

  it('is told with the child, though its pid comes later, and in order', () => {
    const text = render('text', sample().tell(20, parent, fork(child, 313)).end(30).bytes);
    expect(text).toMatch(/\+0\.000010 server\[313\] .* fork of V1/);
    expect(text).not.toMatch(/server\[312\].*fork of/);
    const times = Array.from(text.matchAll(/^ +\+(\d+\.\d+)/gm), ([, time]) => Number(time));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('that fails has a child without a pid', () => {
    expect(render('text', sample().end(30).bytes)).toMatch(/child of server\[312\] .* fork of V1/);
  });
});

describe('a selection', () => {
  it('of a VMA shows its life and lineage, its ufile and the disassociations', () => {
    const text = render('text', unplug().bytes, { filters: { vma: 'V3' }, judged: false });
    expect(about(text, 'V3').length).toBe(4);
    expect(about(text, 'V1').length).toBeGreaterThan(3);
    expect(about(text, 'V2')).toEqual([]);
    expect(about(text, 'V4')).toEqual([]);
    expect(text).toMatch(/U1 +opened/);
    expect(about(text, 'D1').length).toBe(3);
    expect(text).toContain('Summary (of the whole recording)');
  });

  it('of a child by its pid finds the VMAs that it was born with', () => {
    const text = render('text', unplug().bytes, { filters: { pid: 313 } });
    expect(text).toMatch(/unplug\[313\] .*fork of V1/);
    expect(text).not.toMatch(/mmap /);
    expect(text).toMatch(/unplug\[312\] +U1 +opened/);
  });

  it('of a process takes its children in', () => {
    const text = render('text', unplug().bytes, { filters: { pid: 312 } });
    expect(text.replaceAll(' (of the whole recording)', '')).toBe(render('text', unplug().bytes));
  });

  it('of a VMA takes ancestors and descendants, and no sister', () => {
    const names = (vma: string): string[] => {
      const text = render('text', lifecycle().bytes, { filters: { vma }, judged: false });
      return ['V1', 'V2', 'V3', 'V4', 'V5', 'V6'].filter((name) =>
        new RegExp(`  ${name}   (mmap|split|move|fork)`).test(text),
      );
    };
    expect(names('V2')).toEqual(['V1', 'V2']);
    expect(names('V3')).toEqual(['V1', 'V3', 'V4', 'V5']);
    expect(names('V5')).toEqual(['V1', 'V3', 'V4', 'V5']);
    expect(names('V6')).toEqual(['V6']);
  });

  it('of what is not there says so', () => {
    for (const filters of [{ comm: 'nobody' }, { vma: 'V99' }])
      expect(linesOf(render('text', unplug().bytes, { filters }))[1]).toBe('nothing of what is asked for');
  });

  it('of a time leaves out the rest', () => {
    const text = render('text', unplug().bytes, { filters: { since: 1.3e9, until: 1.4e9 } });
    expect(Array.from(text.matchAll(/^ +\+(\d+\.\d+)/gm), ([, time]) => time)).toEqual([
      '1.300000',
      '1.300100',
      '1.400000',
    ]);
  });
});
