import { describe, expect, it } from 'vitest';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import { type Suspects, Watch } from '../../src/report/watch.ts';
import { Timeline } from '../../src/timeline/timeline.ts';
import { events } from '../timeline/sketch.ts';

/** A watch that is fed with events, and what it asked for and said. */
function watching() {
  const timeline = new Timeline();
  const said: string[] = [];
  const asked: Suspects[] = [];
  const answers: (() => void)[] = [];
  const watch = new Watch({
    warn: (text) => said.push(text),
    look: (suspects) => {
      asked.push(suspects);
      return new Promise((resolve) => answers.push(resolve));
    },
  });
  return {
    said,
    asked,
    tell: (...all: UmapEvent[]) => {
      for (const event of all) timeline.apply(event).forEach(watch.see);
    },
    /** Goes on to a time, in steps of a tenth of a second. */
    until: (from: number, to: number) => {
      for (let now = from; now <= to; now += 1e8) watch.tick(now, timeline);
    },
    /** The look is answered. */
    answer: async () => {
      answers.shift()?.();
      await new Promise(setImmediate);
    },
  };
}

const upTo = (text: string, what: UmapEvent['what']): UmapEvent[] => {
  const all = events(text);
  return all.slice(0, all.findIndex((event) => event.what === what) + 1);
};

/** A removal that waits: rxe's, with no teardown. */
const STUCK = upTo('name | P1 open U1 | P1 mmap A 1p | remove', 'remove_begin');
const begun = STUCK.at(-1)?.ns ?? 0;
const ufile = STUCK.find((event) => event.what === 'ufile_open')?.ufile ?? '';
const rdev = STUCK.find((event) => event.what === 'ufile_open')?.rdev ?? 0;

const held = (pid: number, comm: string, fd: number, ns: number): UmapEvent => ({
  ...{ what: 'snapshot_fd', n: 100 + fd, ns, cpu: 0, seq: 0, pid, tid: pid, comm },
  ...{ ufile, rdev, fd, cgroup: 0 },
});

describe('a removal that stands still', () => {
  it('is looked at before the limit, and told at it, with all who hold the device', async () => {
    const { said, asked, tell, until, answer } = watching();
    tell(...STUCK);
    until(begun, begun + 1.4e9);
    expect(asked).toEqual([]);
    until(begun + 1.5e9, begun + 2e9);
    expect(asked).toEqual([{ pid: 900, tid: 900, pids: [], holders: true }]);
    tell(held(1, 'p1', 3, begun + 2e9), held(7, 'ta\nker\x1b[31m', 5, begun + 2e9));
    await answer();
    until(begun + 2e9, begun + 4.9e9);
    expect(said).toEqual([]);
    until(begun + 5e9, begun + 30e9);
    expect(said).toEqual([
      'umaptrace: the removal of rxe0 by rmmod[900] has stood still for 5.00 s\n' +
        '  U1 is open: p1[1] holds fd 3, 1 VMA; ta\\nker\\x1b[31m[7] holds fd 5\n',
    ]);
    expect(asked).toHaveLength(1);
  });

  it('is told with what is known when the look takes long, and again when it was answered', async () => {
    const { said, tell, until, answer } = watching();
    tell(...STUCK);
    until(begun, begun + 9.4e9);
    expect(said).toEqual([]);
    until(begun + 9.5e9, begun + 11e9);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('U1 is open: p1[1] holds 1 VMA');
    tell(held(7, 'taker', 5, begun + 11e9));
    await answer();
    until(begun + 11e9, begun + 20e9);
    expect(said).toHaveLength(2);
    expect(said[1]).toContain('taker[7] holds fd 5');
  });

  it('is told when it has ended, if it was told before', () => {
    const { said, tell, until } = watching();
    tell(...STUCK);
    until(begun, begun + 12e9);
    const end = { ...(STUCK.at(-1) ?? held(0, '', 0, 0)), n: 200, ns: begun + 12.3e9, seq: 99 };
    tell({ ...end, what: 'remove_end', device: '1' });
    expect(said.at(-1)).toBe('umaptrace: the removal of rxe0 by rmmod[900] ended after 12.3 s\n');
  });

  it('says nothing of one that ends in time', () => {
    const { said, tell, until } = watching();
    tell(...events('P1 open U1 | P1 mmap A 1p | remove'));
    until(0, 60e9);
    expect(said).toEqual([]);
  });
});

describe('a disassociation that waits for an mm', () => {
  const WAITING = upTo('name | P1 open U1 | P1 mmap A 1p | P1 fork P2 | reset', 'zapping_begin');
  const since = WAITING.at(-1)?.ns ?? 0;

  it('is told with the processes that it can be waiting for, whose stacks are asked for', () => {
    const { said, asked, tell, until } = watching();
    tell(...WAITING);
    until(since, since + 5e9);
    expect(asked).toEqual([{ pid: 901, tid: 901, pids: [1, 2], holders: true }]);
    expect(said).toEqual([
      expect.stringMatching(
        /the reset of rxe0 by \S+\[901\] has stood still for 5.00 s\n {2}D1, of U1, waits for the mm of p1\[1\] or of p\d\[2\]\n/,
      ),
    ]);
  });

  it('gets on with every zap', () => {
    const { said, tell, until } = watching();
    const zap = upTo('name | P1 open U1 | P1 mmap A 1p | P1 fork P2 | reset', 'zap').at(-1);
    tell(...WAITING);
    until(since, since + 4e9);
    if (zap !== undefined) tell({ ...zap, ns: since + 4e9 });
    until(since + 4e9, since + 8.9e9);
    expect(said).toEqual([]);
    until(since + 9e9, since + 9.1e9);
    expect(said).toHaveLength(1);
    expect(said[0]).not.toContain(' or of ');
  });
});
