import { describe, expect, it } from 'vitest';
import { Live, type LiveOptions } from '../../src/report/live.ts';
import { plain } from '../../src/report/paint.ts';
import { Selection } from '../../src/report/select.ts';
import { ORIGIN } from '../recording/sample.ts';
import { unplug } from '../recording/unplug.ts';
import { render } from './render.ts';

function live(format: LiveOptions['format']) {
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
    for (const block of blocks().slice(0, 4)) view.push(block);
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
