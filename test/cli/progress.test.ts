import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Progress } from '../../src/cli/progress.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

function said(isTTY: boolean, quiet: boolean, ms: number): string {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const stderr = Object.assign(stream, { isTTY });
  const progress = new Progress({ stdout: stream, stderr, env: {}, status: 0 }, quiet);
  vi.advanceTimersByTime(ms);
  progress.tell(1234);
  progress.tell(1235);
  progress.end();
  return text;
}

it('is told on a terminal, once the work is long, and removed at its end', () => {
  expect(said(true, false, 1500)).toBe('\r1,234 events\x1b[K\r\x1b[K');
});

it('is not told of short work, in a pipe, or beside a text on the same terminal', () => {
  expect([said(true, false, 10), said(false, false, 1500), said(true, true, 1500)]).toEqual(['', '', '']);
});
