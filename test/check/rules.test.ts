import { expect, test } from 'vitest';
import { RULES } from '../../src/check/rules.ts';

test('every rule says what it is', () => {
  expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
  for (const { name, promise, rationale, needs, example } of RULES) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(promise.endsWith('.')).toBe(true);
    expect(rationale.length).toBeGreaterThan(80);
    expect(needs.length).toBeGreaterThan(0);
    expect(example).not.toBe('');
  }
});
