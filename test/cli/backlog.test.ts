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

  it('takes a fifth of the time while much comes', async () => {
    let slices = 0;
    let shown = 0;
    const backlog = new Backlog((bytes) => {
      work(5);
      slices++;
      shown += bytes.length;
    });
    let came = 0;
    const began = performance.now();
    while (performance.now() - began < 500) {
      await backlog.push(text(8 * KIB, 0));
      came += 8 * KIB;
      await turn();
    }
    expect(slices).toBeGreaterThan(0);
    expect((slices - 1) * 25).toBeLessThanOrEqual(performance.now() - began);
    expect(shown).toBeLessThan(came);
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
