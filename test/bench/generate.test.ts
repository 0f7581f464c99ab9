import { expect, test } from 'vitest';
import { recording } from '../../bench/generate.ts';
import { RecordingReader } from '../../src/recording/read.ts';
import { JudgedView } from '../../src/report/judge.ts';
import { Replay } from '../../src/report/replay.ts';

const SEED = new URL('../golden/recordings/chaos-6.12.rec.gz', import.meta.url).pathname;
const EVENTS = 20_000;

test('a recording made of a real one is whole, fits together, and keeps the promises that the real one kept', () => {
  const view = new JudgedView(() => ({ begin() {}, event() {}, trouble() {}, end() {} }));
  const replay = new Replay(view);
  const reader = new RecordingReader();
  for (const piece of recording(SEED, EVENTS)) replay.feed(reader.push(Buffer.from(piece)));
  replay.feed(reader.end());
  const { complete, lost, late, mismatches, events, vmas, disassociations } = replay.finish();
  expect({ complete, lost, late, mismatches }).toEqual({ complete: true, lost: 0, late: 0, mismatches: 0 });
  expect(events).toBeGreaterThanOrEqual(EVENTS);
  expect(vmas.io).toBeGreaterThan(EVENTS / 5);
  expect(disassociations).toBeGreaterThan(100);
  expect(view.outcome?.findings.filter(({ severity }) => severity === 'violation')).toEqual([]);
});
