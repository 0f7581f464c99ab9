import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { render } from './render.ts';

const lines = readFileSync('test/golden/recordings/unplug-7.3.rec', 'latin1').split('\n');
const removal = lines.findIndex((line) => line.startsWith('RB '));
const [, , , ns = ''] = lines[removal]?.split(' ') ?? [];

/** The recording of a machine that crashed while a removal ran, so long after it had begun. */
function crashed(seconds: number): Buffer {
  const boot = `${BigInt(`0x${ns}`) + BigInt(seconds) * 1_000_000_000n}`;
  const mark = JSON.stringify({ mark: { boot, wall: '1', events: removal } });
  return Buffer.from([...lines.slice(0, removal + 1), mark, ''].join('\n'), 'latin1');
}

describe('a recording without an end', () => {
  test('goes on until its last mark, in which nothing may have happened', () => {
    expect(render('jsonl', crashed(6))).toContain('had not ended 6.00 s later');
    expect(render('jsonl', crashed(4))).not.toContain('stuck-remove');
  });
});
