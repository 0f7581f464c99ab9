/** A recording with an escape, in every form: none may show what escaped as revoked. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ESCAPED, TOUCHED } from '../../src/report/html/page/model.ts';
import { pageModel } from './html/page.ts';
import { readTrace } from './perfetto.ts';
import { render, renderBytes } from './render.ts';

const bytes = readFileSync(new URL('../golden/recordings/race-fork-6.12.rec', import.meta.url));

describe('what escaped', () => {
  it('is drawn as that on the page, also when it has been closed since', () => {
    const model = pageModel(render('html', bytes));
    const [v1, v2, v3] = [1, 2, 3].map((number) => model.find(number));
    for (const vma of [v2, v3])
      expect([model.base(vma ?? -1), model.final(vma ?? -1)]).toEqual([ESCAPED, ESCAPED]);
    expect(model.final(v1 ?? -1)).toBe(TOUCHED);
  });

  it('has slices that begin before they end, none before its birth', () => {
    const { events, slices } = readTrace(renderBytes('perfetto', bytes));
    const open = new Map<string, number>();
    const inOrder = events
      .filter(({ type }) => type === 'TYPE_SLICE_BEGIN' || type === 'TYPE_SLICE_END')
      .map((event, i) => ({ ...event, i }))
      .toSorted((a, b) => Number(BigInt(a.ns) - BigInt(b.ns)) || a.i - b.i);
    for (const { type, track_uuid: track } of inOrder) {
      const depth = (open.get(track) ?? 0) + (type === 'TYPE_SLICE_BEGIN' ? 1 : -1);
      expect(depth === 0 || depth === 1).toBe(true);
      open.set(track, depth);
    }
    expect([...open.values()].every((depth) => depth === 0)).toBe(true);
    expect(slices.filter(({ track }) => track.startsWith('V2 ')).map(({ name }) => name)).toContain(
      'escaped',
    );
  });

  it('is not counted as tracked, nor as zapped by what did not revoke it', () => {
    const text = render('text', bytes);
    expect(text).toMatch(/VMAs +1 tracked\n/);
    expect(text).toMatch(/zapped +1 VMA\n/);
    expect(text).toMatch(/untracked +2 VMAs of device memory/);
  });
});
