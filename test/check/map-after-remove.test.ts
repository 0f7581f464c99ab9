import { expect, test } from 'vitest';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import { judge, lost, moved, short } from './judge.ts';

const text = 'P1 open U1 | P1 mmap A 1p | remove';

test('is broken by an mmap after the teardown has begun', () => {
  const outcome = judge(text, { change: moved('zapping_begin', 'mmap_io') });
  expect(short(outcome)).toBe('violation | map-after-remove violation V1');
});

test('holds after a reset, on another ufile, and up to the teardown', () => {
  expect(short(judge('P1 open U1 | P1 mmap A 1p | reset | P1 mmap B 1p'))).toBe('pass');
  expect(short(judge('P1 open U1 | P1 open U2 dev1 | P1 mmap A 1p | remove | P1 mmap B 1p U2'))).toBe('pass');
  expect(judge(text, { change: moved('teardown_begin', 'mmap_io') }).verdict).toBe('pass');
});

test('is missing evidence when a new ufile may have the pointer', () => {
  const again = 'P1 open U1 | P1 mmap A 1p | remove | P1 exit | P2 open U2 | P2 mmap A 1p U2 | reset';
  const gone: readonly UmapEvent['what'][] = ['ufile_close', 'ufile_free', 'umap_close'];
  let opens = 0;
  const change = lost(({ what }) => {
    if (what === 'ufile_open') opens += 1;
    return gone.includes(what) || (what === 'ufile_open' && opens === 2);
  });
  expect(judge(again, { change }).verdict).toBe('inconclusive');
  expect(judge(again).verdict).toBe('pass');
});
