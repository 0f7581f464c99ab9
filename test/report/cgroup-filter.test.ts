import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cgroupTest, parseCgroup, unknownCgroups } from '../../src/report/cgroup-filter.ts';

const isIn = (asked: string, path: string | null, id = 7): boolean | null =>
  cgroupTest(parseCgroup(asked) ?? '')({ id, path });

describe('a cgroup that is asked for', () => {
  it.each([
    ['/a', '/a', true],
    ['/a', '/a/b/c', true],
    ['/a/', '/a/b', true],
    ['/a', '/ab', false],
    ['/a/b', '/a', false],
    ['/sys/fs/cgroup/a', '/a/b', true],
    ['/sys/fs/cgroup', '/a', true],
    ['/', '/', true],
    ['/', '/a/b', true],
    ['*/x*', '/a/b/x1.scope/init', true],
    ['*/x*', '/a/b/yx', false],
    ['/a/*/c', '/a/b/c/d', true],
    ['/a/*/c', '/a/c', false],
    ['/*.service', '/s/x.service/deep', true],
    ['/a*b*', '/a*b/c', true],
    ['7', '/a', true],
    ['7', null, true],
    ['8', '/8', false],
  ])('%s takes %s: %s', (asked, path, expected) => {
    expect(isIn(asked, path)).toBe(expected);
  });

  it.each(['', 'a', '-1', '0', 'a/*', '1'.repeat(20)])('cannot be %j', (text) => {
    expect(parseCgroup(text)).toBeNull();
  });

  it('is not known to be another one when its path is not known', () => {
    expect(isIn('/a', null)).toBeNull();
    expect(cgroupTest('/')(null)).toBeNull();
    expect(cgroupTest('7')(null)).toBeNull();
  });

  it('is what the same pattern as a regular expression takes', () => {
    const text = (letters: string[]) =>
      fc.array(fc.constantFrom(...letters), { maxLength: 8 }).map((all) => `/${all.join('')}`);
    const check = (asked: string, path: string): void => {
      const plain = parseCgroup(asked) ?? '';
      const whole = plain === '/' ? '' : plain.replaceAll('*', '[^]*');
      expect(isIn(asked, path)).toBe(new RegExp(`^${whole}(/[^]*)?$`).test(path) || plain === '/');
    };
    fc.assert(fc.property(text(['a', 'b', '/', '*']), text(['a', 'b', '/']), check), {
      numRuns: 20_000,
      seed: 1,
    });
  });

  it('takes no time that grows with what a hostile path matches', () => {
    const started = performance.now();
    expect(isIn(`${'*a'.repeat(200)}*b`, `/${'a'.repeat(4000)}`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('says what it left out', () => {
    expect(unknownCgroups(0)).toBe('');
    expect(unknownCgroups(1)).toBe(
      'umaptrace: left out: 1 address space of processes whose cgroup is not known\n',
    );
  });
});
