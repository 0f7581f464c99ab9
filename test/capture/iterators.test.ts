import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { GIVEN_UP, Iterators, Reader } from '../../src/capture/iterators.ts';
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

describe('who waits to read an iterator', () => {
  const path = join(fake.folder, 'pinned');
  const line = (ns: string): string => `S 0 0 ${ns} e2 e3 72 6b 0 1\n`;
  const never = new AbortController().signal;
  const until = { timeoutMs: 20_000, given: never };

  test('reads what is there when he is told to', async () => {
    writeFileSync(path, line('1'));
    const reader = new Reader(path);
    await sleep(300);
    writeFileSync(path, line('2'));
    expect(await reader.read(until)).toEqual({ lines: line('2'), failure: null, timedOut: false });
    expect(reader.isAlive).toBe(false);
  });

  test('tells why he cannot', async () => {
    const { lines, failure } = await new Reader(join(fake.folder, 'nothing')).read(until);
    expect([lines, failure]).toEqual(['', expect.stringMatching(/nothing: No such file/)]);
  });

  test.each([
    ['it takes too long', 300, () => never, true],
    ['it is given up', 20_000, () => AbortSignal.timeout(300), false],
    ['it was given up before', 20_000, () => AbortSignal.abort(), false],
  ])('is ended when %s', async (_, timeoutMs, given, timedOut) => {
    rmSync(path, { force: true });
    execFileSync('mkfifo', [path]);
    const told = await new Reader(path).read({ timeoutMs, given: given() });
    expect(told).toMatchObject({ lines: '', failure: expect.any(String), timedOut });
    rmSync(path);
  });

  test('is not there any more when he was dismissed', async () => {
    const reader = new Reader(path);
    reader.dismiss();
    await vi.waitFor(() => expect(reader.isAlive).toBe(false));
  });
});
