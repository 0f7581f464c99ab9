import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Backlog } from '../../src/cli/backlog.ts';

const KIB = 1 << 10;
const text = (length: number, first: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, i) => (first + i) % 251));

/** Keeps the thread from anything else for so long, ms. */
function work(ms: number): void {
  const ends = performance.now() + ms;
  while (performance.now() < ends);
}

describe('Backlog', () => {
  it('shows every byte once, in order, later', async () => {
    const shown: Buffer[] = [];
    const backlog = new Backlog((bytes) => shown.push(Buffer.from(bytes)));
    const blocks = [1, 100, 5 * KIB, 40 * KIB, 7].map((length, i) => text(length, i));
    for (const block of blocks) void backlog.push(block);
    expect(shown).toEqual([]);
    await backlog.shown();
    expect(Buffer.concat(shown)).toEqual(Buffer.concat(blocks));
    void backlog.push(text(10, 3));
    await backlog.shown();
    expect(Buffer.concat(shown)).toEqual(Buffer.concat([...blocks, text(10, 3)]));
  });

  it('tells for how long the oldest has waited', async () => {
    const backlog = new Backlog(() => {});
    expect(backlog.age).toBe(0);
    void backlog.push(text(10, 0));
    work(20);
    void backlog.push(text(10, 0));
    expect(backlog.age).toBeGreaterThanOrEqual(20);
    await backlog.shown();
    expect(backlog.age).toBe(0);
  });

  it('lets others have most of the time while much comes, and takes all of it when nothing does', async () => {
    let worked = 0;
    const backlog = new Backlog(() => {
      work(5);
      worked += 5;
    });
    const began = performance.now();
    while (performance.now() - began < 500) {
      await backlog.push(text(8 * KIB, 0));
      await turn();
    }
    const before = worked;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(250);
    const stopped = performance.now();
    while (performance.now() - stopped < 500) await turn();
    expect(worked - before).toBeGreaterThan(150);
  });

  it('holds up the one who brings it when too much waits', async () => {
    let shown = 0;
    const backlog = new Backlog((bytes) => {
      shown += bytes.length;
    }, 100 * KIB);
    for (let i = 0; i < 50; i++) {
      await backlog.push(text(10 * KIB, 0));
      expect((i + 1) * 10 * KIB - shown).toBeLessThanOrEqual(100 * KIB);
    }
  });

  it('tells whoever brings more, or waits for the end, that something cannot be shown', async () => {
    const backlog = new Backlog(() => {
      throw new Error('no');
    });
    await backlog.push(text(10, 0));
    await expect(backlog.shown()).rejects.toThrow('no');
    await expect(backlog.push(text(10, 0))).rejects.toThrow('no');
  });
});
