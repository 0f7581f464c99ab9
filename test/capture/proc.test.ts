import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { groups } from '../../src/capture/proc.ts';

test('paths are cut into groups that a command line can have', () => {
  const paths = Array.from({ length: 20_000 }, (_, i) => `/proc/4194304/fdinfo/${i}`);
  const cut = groups(paths);
  expect(cut.flat()).toEqual(paths);
  expect(cut.every((group) => group.join('').length <= 100_000)).toBe(true);
  expect(cut.length).toBeLessThan(10);
  expect(groups([])).toEqual([]);
});

test('such a group is one that a program is started with', async () => {
  const paths = Array.from({ length: 20_000 }, (_, i) => `/proc/4194304/fdinfo/${i}`);
  const child = spawn('true', groups(paths)[0]);
  expect(await once(child, 'exit')).toEqual([0, null]);
});
