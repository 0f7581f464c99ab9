import { expect, it } from 'vitest';
import { parseRam } from '../../src/capture/ram.ts';

it('reads the ranges of System RAM, and no others', () => {
  const iomem = `00000000-00000fff : Reserved
00001000-0009fbff : System RAM
000f0000-000fffff : System ROM
00100000-7ffdbfff : System RAM
  01000000-01ffffff : Kernel code
fea00000-feafffff : 0000:00:03.0
100000000-17fffffff : System RAM
240000000-33fffffff : Persistent Memory
  240000000-33fffffff : dax0.0
    240000000-33fffffff : System RAM (kmem)
`;
  expect(parseRam(iomem)).toEqual([
    { pfn: 0x1, frames: 0x9f },
    { pfn: 0x100, frames: 0x7fedc },
    { pfn: 0x100000, frames: 0x80000 },
    { pfn: 0x240000, frames: 0x100000 },
  ]);
});

it('believes no zeros, which are what others than root are shown', () => {
  expect(parseRam('00000000-00000000 : System RAM\n')).toEqual([]);
});
