import { expect, test } from 'vitest';
import { Cgroups } from '../../src/timeline/cgroups.ts';

test('a cgroup is one object, whether its path is told before or after its id', () => {
  const cgroups = new Cgroups();
  const first = cgroups.of(7);
  cgroups.name(8, '/b');
  cgroups.name(7, '/a');
  expect(first).toEqual({ id: 7, path: '/a' });
  expect(cgroups.of(7)).toBe(first);
  expect(cgroups.of(8)).toEqual({ id: 8, path: '/b' });
  expect(cgroups.of(0)).toBeNull();
});

test('one that is named now and then is remembered among however many; the others are forgotten', () => {
  const cgroups = new Cgroups();
  cgroups.name(1, '/daemon');
  cgroups.name(2, '/once');
  for (let id = 10; id < 100_000; id++) {
    cgroups.name(id, `/${id}`);
    if (id % 5000 === 0) expect(cgroups.of(1)?.path).toBe('/daemon');
  }
  expect(cgroups.of(2)?.path).toBeNull();
});
