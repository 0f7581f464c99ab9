/** Reports of a recording, by the cgroups of its processes: the parent's has a path, the child's has none. */
import { describe, expect, it } from 'vitest';
import { RecordingReader } from '../../src/recording/read.ts';
import { Replay } from '../../src/report/replay.ts';
import { learning, Selection } from '../../src/report/select.ts';
import { CGROUP } from '../recording/sample.ts';
import { unplug } from '../recording/unplug.ts';
import { render } from './render.ts';

const { text, bytes } = unplug();
const PATH_LINE = /^\{"cgroup":.*\n/m;
/** Its path is told only when all is over. */
const late = Buffer.from(`${text.replace(PATH_LINE, '')}${PATH_LINE.exec(text)?.[0]}`);
const never = Buffer.from(text.replace(PATH_LINE, ''));

const pids = (recording: Buffer, cgroup: string): string[] => {
  const { ufiles } = JSON.parse(render('json', recording, { filters: { cgroup } }));
  return ufiles.flatMap(({ vmas }: { vmas: { id: string; pid: number }[] }) =>
    vmas.map(({ id, pid }) => `${id} ${pid}`),
  );
};

function unknown(recording: Buffer, cgroup: string): number {
  const selection = new Selection({ cgroup });
  const replay = new Replay(learning(selection));
  const reader = new RecordingReader();
  replay.feed([...reader.push(recording), ...reader.end()]);
  replay.finish();
  return selection.unknown;
}

describe('a report of a cgroup', () => {
  it('has its processes and their children, and the ufile', () => {
    const all = ['V1 312', 'V2 312', 'V3 313', 'V4 313'];
    expect(pids(bytes, '/test.slice')).toEqual(all);
    expect(pids(bytes, '*/unplug*')).toEqual(all);
    expect(pids(bytes, String(CGROUP))).toEqual(all);
    expect(pids(bytes, String(CGROUP + 1))).toEqual(['V3 313', 'V4 313']);
    expect(pids(bytes, '/other')).toEqual([]);
    expect(render('text', bytes, { filters: { cgroup: '/test.slice' } })).toMatch(/U1 +opened/);
  });

  it('has the same whenever the path is told', () => {
    for (const filters of [{ cgroup: '/test.slice' }, { vma: 'V3' }] as const) {
      for (const format of ['text', 'json', 'md'] as const)
        expect(render(format, late, { filters })).toBe(render(format, bytes, { filters }));
    }
    expect(pids(never, '/test.slice')).toEqual([]);
    expect(pids(never, String(CGROUP))).toEqual(pids(bytes, String(CGROUP)));
  });

  it('counts what it leaves out because it does not know', () => {
    expect(unknown(bytes, '/test.slice')).toBe(0);
    expect(unknown(bytes, '/other')).toBe(1);
    expect(unknown(never, '/test.slice')).toBe(2);
    expect(unknown(late, '/other')).toBe(1);
    expect(unknown(bytes, String(CGROUP + 1))).toBe(0);
  });

  it('combines with other filters', () => {
    const { ufiles } = JSON.parse(render('json', bytes, { filters: { cgroup: '/test.slice', pid: 313 } }));
    expect(ufiles).toEqual([]);
  });
});

describe('where processes are', () => {
  it('is told beside the life of a VMA, and of no other line', () => {
    const lines = render('text', bytes, { filters: { vma: 'V3' }, width: 200 }).split('\n');
    const told = lines.filter((line) => line.includes('cgroup'));
    expect(told).toHaveLength(3);
    expect(told[0]).toMatch(/U1 +opened .*cgroup \/test\.slice\/unplug\.service$/);
    expect(told[1]).toMatch(/V1 +mmap .*cgroup \/test\.slice\/unplug\.service$/);
    expect(told[2]).toMatch(/unplug\[313\] +V3 +fork of V1 .*cgroup 4712, path not known$/);
    expect(render('text', bytes)).not.toContain('cgroup');
  });
});
