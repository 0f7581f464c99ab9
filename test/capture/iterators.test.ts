import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { GIVEN_UP, Iterators } from '../../src/capture/iterators.ts';
import { fakeBpftrace } from './fake.ts';

const fake = fakeBpftrace();
afterAll(() => fake.remove());
afterEach(() => vi.unstubAllEnvs());

const planned = { place: 'echo "ERROR: no such thing" >&2; exit 1; iter:task_vma', body: '' };

describe('an iterator that bpftrace refuses', () => {
  test.each([
    ['iter:task_vma\niter:task', 'its program was not loaded: ERROR: no such thing'],
    ['iter:task', 'this bpftrace has no task_vma iterator'],
  ])('is not loaded, and why is told (it lists %j)', async (listed, why) => {
    writeFileSync(join(fake.folder, 'iterators'), `${listed}\n`);
    const iterators = new Iterators(fake.bpftrace, {});
    const iterator = iterators.load(planned);
    expect(await iterator.refused).toBe(why);
    expect(await iterator.loaded).toBe(why);
    iterators.close();
  });

  test('is not asked about when it was given up', async () => {
    writeFileSync(join(fake.folder, 'iterators'), 'iter:task\n');
    const iterators = new Iterators(fake.bpftrace, {});
    const slow = iterators.load({ ...planned, place: 'exec sleep 60; iter:task_vma' });
    setTimeout(() => iterators.close(), 500);
    expect(await slow.loaded).toBe(GIVEN_UP);
  });
});

test('one that could not be kept is not loaded, and not refused', async () => {
  const iterators = new Iterators(fake.bpftrace, {});
  const iterator = iterators.load({ ...planned, place: 'echo Killed >&2; exit 1; iter:task_vma' });
  expect(await iterator.refused).toBeNull();
  expect(await iterator.loaded).toBe('its program was not loaded: Killed');
  iterators.close();
});

test('where there is no place to keep an iterator, it is not loaded, and not refused', async () => {
  vi.stubEnv('PATH', `${fake.folder}:${process.env['PATH']}`);
  const iterators = new Iterators(fake.bpftrace, {});
  const iterator = iterators.load(planned);
  expect(await iterator.refused).toBeNull();
  expect(await iterator.loaded).toMatch(/was not mounted/);
  iterators.close();
});
