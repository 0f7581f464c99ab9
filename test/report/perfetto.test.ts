import { describe, expect, it } from 'vitest';
import { lifecycle } from '../recording/lifecycle.ts';
import { unplug } from '../recording/unplug.ts';
import { readTrace } from './perfetto.ts';
import { renderBytes } from './render.ts';

describe('unplug as a Perfetto trace', () => {
  const { tracks, slices, events, nameOf, packets } = readTrace(renderBytes('perfetto', unplug().bytes));

  it('has a group for each process, a track for each VMA in it, and counters for each ufile', () => {
    const tree = tracks.map(({ name, parent_uuid, process, counter }) =>
      [nameOf(parent_uuid), name, process?.pid ?? '', counter?.unit ?? ''].join(' | '),
    );
    expect(tree).toEqual([
      ' | U1 rxe0 (uverbs0) |  | ',
      'U1 rxe0 (uverbs0) | U1 live VMAs |  | UNIT_COUNT',
      'U1 rxe0 (uverbs0) | U1 mapped bytes |  | UNIT_SIZE_BYTES',
      ' | unplug | 312 | ',
      ' | unplug | 313 | ',
      'unplug | V1 U1 |  | ',
      'unplug | V2 U1 |  | ',
      'unplug | V3 U1 |  | ',
      'unplug | V4 U1 |  | ',
      'U1 rxe0 (uverbs0) | D1 removal of rxe0 |  | ',
    ]);
  });

  it('has slices by state, and phases of the disassociation', () => {
    const of = (track: string) =>
      slices.filter((slice) => slice.track === track).map(({ name, from }) => [name, from]);
    expect(of('V1 U1')).toEqual([
      ['mapped', '1000001500000'],
      ['zapped', '1001204602000'],
      ['touched after zap', '1001300000000'],
    ]);
    expect(of('V2 U1').map(([name]) => name)).toEqual(['mapped', 'zapped']);
    expect(of('D1 removal of rxe0')).toEqual([
      ['requested', '1001002000000'],
      ['teardown', '1001004500000'],
      ['zapping', '1001204500000'],
    ]);
  });

  it('has a flow from each parent to its copy', () => {
    const ends = (ids: 'flow_ids' | 'terminating_flow_ids') =>
      new Map(events.flatMap((event) => event[ids].map((id) => [id, nameOf(event.track_uuid)])));
    const [from, to] = [ends('flow_ids'), ends('terminating_flow_ids')];
    expect([...from].map(([id, track]) => [track, to.get(id)])).toEqual([
      ['V1 U1', 'V3 U1'],
      ['V2 U1', 'V4 U1'],
    ]);
  });

  it('has instants for zaps and touches', () => {
    const instants = events.filter(({ type }) => type === 'TYPE_INSTANT').map(({ name }) => name);
    expect(instants.filter((name) => name === 'zap')).toHaveLength(4);
    expect(instants).toContain('read: dummy page');
    expect(instants).toContain('write: SIGBUS');
  });

  it('counts live VMAs and their bytes', () => {
    const of = (name: string) =>
      events
        .filter(({ track_uuid }) => nameOf(track_uuid) === name)
        .map(({ counter_value }) => Number(counter_value));
    expect(of('U1 live VMAs')).toEqual([1, 2, 3, 4, 3, 2, 1, 0]);
    expect(of('U1 mapped bytes').map((bytes) => bytes / 4096)).toEqual([4, 6, 10, 12, 8, 6, 2, 0]);
  });

  it('ties its clock to the wall', () => {
    expect(packets[0]?.clock_snapshot?.clocks).toEqual([
      { clock_id: 6, timestamp: '1000000000000' },
      { clock_id: 1, timestamp: '1763812800000000000' },
    ]);
    expect(
      packets.every((packet) => packet.track_event === undefined || packet.timestamp_clock_id === 6),
    ).toBe(true);
  });
});

describe('lifecycle as a Perfetto trace', () => {
  const { slices, tracks } = readTrace(renderBytes('perfetto', lifecycle().bytes));

  it('shows lost events on a track of their own', () => {
    expect(slices.filter(({ track }) => track === 'lost events on CPU 0')).toEqual([
      { track: 'lost events on CPU 0', name: '3 events lost', from: '1000000605000', to: '1000000700000' },
    ]);
  });

  it('escapes what a program chose', () => {
    expect(tracks.map(({ name }) => name)).toContain('life\\x1b[31mcycle');
  });

  it('takes only what is asked for', () => {
    const bytes = renderBytes('perfetto', lifecycle().bytes, { filters: { vma: 'V3' } });
    const names = readTrace(bytes).tracks.map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('V'))).toEqual(['V1 U1', 'V3 U1', 'V4 U1', 'V5 U1']);
  });
});
