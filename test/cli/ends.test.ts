import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Ends } from '../../src/cli/ends.ts';

const stream = new Writable({ write: (_chunk, _encoding, done) => done() });

describe('what ends a trace', () => {
  const ends: Ends[] = [];
  const begin = (): Ends => {
    const made = new Ends({ stdout: stream, stderr: stream, env: {}, status: 0 });
    ends.push(made);
    return made;
  };
  afterEach(() => {
    for (const each of ends.splice(0)) each.dispose();
  });

  it('is the end of its time', async () => {
    const made = begin();
    made.after(20e6);
    await made.reached;
    expect(made.caught).toBeNull();
  });

  it('is no time that a timer cannot take at once', async () => {
    const made = begin();
    made.after(60 * 86_400e9);
    await sleep(100);
    expect(made.signal.aborted).toBe(false);
    made.end();
  });

  it('is the first signal, which is told', async () => {
    const made = begin();
    process.emit('SIGHUP', 'SIGHUP');
    await made.reached;
    expect(made.caught).toBe('SIGHUP');
  });
});
