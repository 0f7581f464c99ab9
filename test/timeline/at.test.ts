import { expect, test } from 'vitest';
import { mappedAt } from '../../src/timeline/at.ts';
import { address, events } from './sketch.ts';

const told = events('P1 open U1 | P1 mmap A 4p | P1 mmap B 1p rxe | P1 fork P2 | P1 munmap A 4p');
const first = told.findIndex(({ what }) => what === 'mmap_io');
const times = told.map(({ ns }) => ns);

test('before anything, nothing is mapped', async () => {
  expect(await mappedAt(told, 0)).toEqual([]);
});

test('an event of that very moment has happened', async () => {
  expect(await mappedAt(told, times[first] ?? 0)).toEqual([
    { ufile: 'U1', vma: 'V1', pid: 1, start: address('A'), end: address('A+4'), kind: 'io', state: 'mapped' },
  ]);
});

test('at the end, in order of ids', async () => {
  const mapped = await mappedAt(told, Number.POSITIVE_INFINITY);
  expect(mapped.map(({ vma, pid, kind }) => `${vma} ${pid} ${kind}`)).toEqual([
    'V2 1 driver',
    'V3 2 io',
    'V4 2 driver',
  ]);
});

test('what is read from a stream is stopped at the moment', async () => {
  let read = 0;
  async function* stream() {
    for (const event of told) {
      read += 1;
      yield event;
    }
  }
  await mappedAt(stream(), times[first] ?? 0);
  expect(read).toBe(first + 2);
});
