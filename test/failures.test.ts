import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { failures } from './failures.ts';

const test = (fullName: string, status: string, failureMessages: string[]) => ({
  fullName,
  status,
  failureMessages,
});

const results = (testResults: Parameters<typeof failures>[0]['testResults']) => ({
  numPassedTests: 1,
  numFailedTests: 1,
  numPendingTests: 0,
  testResults,
});

it('names each failed test with what each of its tries said, without stacks and colours', () => {
  const name = resolve('test/a.test.ts');
  const assertionResults = [
    test('good', 'passed', []),
    test('bad', 'failed', ['\x1b[31mfirst\x1b[0m\n\n    at run (a.ts:1:2)', 'second']),
  ];
  expect([...failures(results([{ name, message: '', assertionResults }]))]).toEqual([
    'test/a.test.ts: bad\n    first\n    second',
  ]);
});

it('keeps both ends of a long message', () => {
  const long = Array.from({ length: 100 }, (_, line) => `line ${line}`).join('\n');
  const [failure] = failures(results([{ name: resolve('b.ts'), message: long, assertionResults: [] }]));
  expect(failure?.split('\n')).toHaveLength(14);
  expect(failure).toContain('line 0\n');
  expect(failure).toMatch(/line 99$/);
});
