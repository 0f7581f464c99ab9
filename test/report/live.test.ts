import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { Live, type LiveOptions } from '../../src/report/live.ts';
import { plain } from '../../src/report/paint.ts';
import { jsonlSchema } from '../../src/report/schema.ts';
import { Selection } from '../../src/report/select.ts';
import { headerWith, inTurn, lines, momentOf } from '../recording/in-turn.ts';
import { ORIGIN } from '../recording/sample.ts';
import { unplug } from '../recording/unplug.ts';
import { render } from './render.ts';

function live(format: LiveOptions['format'], options: Partial<LiveOptions> = {}) {
  const shown = { timeline: '', summary: '' };
  const view = new Live({
    format,
    sink: (text) => {
      shown.timeline += text;
    },
    summary: (text) => {
      shown.summary += text;
    },
    paint: plain,
    selection: new Selection(),
    width: 79,
    absolute: false,
    ...options,
  });
  return { view, shown };
}

/** A recording in pieces as a running trace gives them. */
const blocks = (): Buffer[] =>
  unplug()
    .text.split(/(?<=\n)/)
    .map((line) => Buffer.from(line));

describe('Live', () => {
  it('shows what the report shows', () => {
    const { view, shown } = live('text');
    for (const block of blocks()) view.push(block);
    expect(view.finish()).toMatchObject({ events: 26, lost: 0, complete: true });
    expect(shown.timeline + shown.summary).toBe(render('text', unplug().bytes, { judged: false }));
  });

  it('shows what has waited long enough, when time goes on', () => {
    const { view, shown } = live('text');
    for (const block of blocks().slice(0, 5)) view.push(block);
    view.tick(ORIGIN + 200_000_000n);
    expect(shown.timeline).not.toContain('opened');
    view.tick(ORIGIN + 400_000_000n);
    expect(shown.timeline).toContain('V1   mmap');
  });

  it('gives a summary beside jsonl, and alone when quiet', () => {
    for (const format of ['jsonl', null] as const) {
      const { view, shown } = live(format);
      for (const block of blocks()) view.push(block);
      view.finish();
      expect(shown.timeline).toBe(format === null ? '' : render(format, unplug().bytes, { judged: false }));
      expect(shown.summary).toContain('4 tracked');
    }
  });
});

describe('Live for a slow reader', () => {
  /** Takes nothing while stopped. */
  const shown = (format: 'text' | 'jsonl') => {
    const reader = { stopped: false };
    const { view, shown } = live(format, { hasRoom: () => !reader.stopped });
    const push = (from: number, to: number): void => {
      for (const block of blocks().slice(from, to)) view.push(block);
    };
    return { view, shown, reader, push };
  };

  it('counts the lines that were not shown, says so, and shows the next ones', () => {
    const { view, shown: text, reader, push } = shown('text');
    push(0, 5);
    view.tick(ORIGIN + 400_000_000n);
    expect(text.timeline).toContain('V1   mmap');
    reader.stopped = true;
    push(5, 13);
    view.tick(ORIGIN + 1_600_000_000n);
    view.tick(ORIGIN + 1_700_000_000n);
    expect(text.timeline).not.toContain('zapping');
    expect(text.timeline).not.toContain('not shown');
    reader.stopped = false;
    view.tick(ORIGIN + 1_800_000_000n);
    expect(text.timeline).toMatch(/… \d+ lines not shown/);
    push(13, 40);
    view.finish();
    const whole = render('text', unplug().bytes, { judged: false });
    const rest = text.timeline.split('\n').filter((line) => !line.includes('not shown'));
    const lost = whole.split('\n').filter((line) => /^ +\+\d/.test(line) && !rest.includes(line));
    const [, count = '0'] = /… (\d+) lines? not shown/.exec(text.timeline) ?? [];
    expect(Number(count)).toBe(lost.length);
    expect(lost.length).toBeGreaterThan(2);
    expect(text.summary).toContain('26 in 2.00 s, 0 lost');
  });

  it('says so in jsonl too, as its schema has it', () => {
    const { view, shown: text, reader, push } = shown('jsonl');
    reader.stopped = true;
    push(0, 40);
    view.finish();
    const lines = text.timeline
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    for (const line of lines) expect(v.is(jsonlSchema, line)).toBe(true);
    expect(lines).toContainEqual({ schema: 'umaptrace/unshown/1', count: 26 });
  });

  it('does not show what it is too late for, until it has caught up', () => {
    const { view, shown: text, push } = shown('text');
    push(0, 1);
    view.tick(ORIGIN);
    view.tick(ORIGIN + 60_000_000_000n);
    push(1, 20);
    view.tick(ORIGIN + 60_100_000_000n);
    expect(text.timeline).not.toContain('V1   mmap');
    view.tick(ORIGIN + 60_200_000_000n);
    expect(text.timeline).toMatch(/… \d+ lines not shown/);
  });

  it('shows what happened while the trace began, however long that took', () => {
    const { view, shown: text, push } = shown('text');
    push(0, 5);
    expect(text.timeline).not.toContain('V1   mmap');
    view.tick(ORIGIN + 60_000_000_000n);
    expect(text.timeline).toContain('V1   mmap');
    expect(text.timeline).not.toContain('not shown');
  });
});

describe('Live of a bpftrace that was held up', () => {
  const SECOND = 1_000_000_000n;
  const STEP = SECOND / 10n;
  const began = momentOf(lines[0] ?? '') ?? 0n;

  /** Shows what a bpftrace with so many buffers tells that stood still from 2 s to 6 s, then told one CPU's events after the other's. */
  function heldUp(buffers: number) {
    const { view, shown } = live('text');
    const push = (some: readonly string[]): void =>
      view.push(Buffer.from(some.map((line) => `${line}\n`).join('')));
    push([headerWith(buffers)]);
    const rest = [...lines];
    const take = (until: bigint): string[] => {
      const end = rest.findIndex((line) => (momentOf(line) ?? 0n) > until);
      return rest.splice(0, end === -1 ? rest.length : end);
    };
    for (let now = began; rest.length > 0; now += STEP) {
      const stood = now - began;
      if (stood < 2n * SECOND || stood > 6n * SECOND) push(inTurn(take(now)));
      view.tick(now);
    }
    return { tally: view.finish(), shown };
  }

  it('puts in order what each CPU had a buffer of its own for', () => {
    const { tally, shown } = heldUp(2);
    expect(tally.late).toBe(0);
    const whole = Buffer.from([headerWith(2), ...lines].join('\n'));
    expect(shown.timeline + shown.summary).toBe(render('text', whole, { judged: false }));
  });

  it('waits for what is a little older than the newest line, however far one buffer for all CPUs is behind', () => {
    const { view } = live('text');
    const push = (some: readonly string[]): void =>
      view.push(Buffer.from(some.map((line) => `${line}\n`).join('')));
    push([headerWith(1)]);
    const events = lines.filter((line) => momentOf(line) !== null);
    const at = (i: number): bigint => momentOf(events[i] ?? '') ?? 0n;
    const isNear = (i: number): boolean => at(i | 1) - at(i & ~1) < SECOND / 1000n;
    const swapped = events.map((line, i) => (isNear(i) ? (events[i ^ 1] ?? line) : line));
    expect(swapped).not.toEqual(events);
    // One line at a time, so that each of a pair that is the wrong way round is the last that is known for a while.
    let now = began + 5n * SECOND;
    for (const line of swapped) {
      for (const due = (momentOf(line) ?? 0n) + 5n * SECOND; now < due; now += STEP) view.tick(now);
      push([line]);
      view.tick(now);
    }
    expect(view.finish().late).toBe(0);
  });

  it('says what came too late where it cannot know', () => {
    expect(heldUp(1).tally.late).toBeGreaterThan(100);
  });
});
