import { describe, expect, it } from 'vitest';
import { jsonLine } from '../../src/recording/format.ts';
import { RecordingReader } from '../../src/recording/read.ts';
import { Replay } from '../../src/report/replay.ts';
import { close, HEADER, ORIGIN, open, Sample, WALL } from '../recording/sample.ts';
import { render } from './render.ts';

const CPUS = [2, 1, 0];
const PER_CPU = 20;
const STEP_NS = 1e6;
/** Bytes read at a time: a few lines, cut anywhere. */
const CHUNK = 1000;

/** A recording of so many events, given out CPU by CPU as bpftrace reads its buffers. */
function bursts(events: number): Buffer {
  const lines = [jsonLine(HEADER)];
  for (let told = 0; told < events; told += CPUS.length * PER_CPU) {
    for (const cpu of CPUS) {
      for (let i = 0; i < PER_CPU; i++) {
        const at = told + CPUS.length * i + cpu;
        const words = [
          cpu,
          told / CPUS.length + i + 1,
          ORIGIN + BigInt(at * STEP_NS),
          100,
          100,
          0,
          0,
          at + 1,
        ];
        lines.push(`FC ${words.map((word) => word.toString(16)).join(' ')}\n`);
      }
    }
  }
  return Buffer.from(lines.join(''));
}

describe('Replay', () => {
  it('puts in order what comes within its window, however long the recording is', () => {
    const seen: number[] = [];
    const view = {
      begin() {},
      event: (event: { ns: number } | null) => event !== null && seen.push(event.ns),
      trouble() {},
      end() {},
    };
    const reader = new RecordingReader();
    const replay = new Replay(view);
    const bytes = bursts(6000);
    for (let at = 0; at < bytes.length; at += CHUNK) replay.feed(reader.push(bytes.subarray(at, at + CHUNK)));
    replay.feed(reader.end());
    expect(replay.finish().late).toBe(0);
    expect(seen).toEqual(Array.from({ length: 6000 }, (_, i) => i * STEP_NS));
  });

  it('counts what some of the probes only told, which is not applied', () => {
    const app = { pid: 312, comm: 'app' };
    const attached = String(ORIGIN + 1_000_000n);
    const boot = String(ORIGIN + 5_000_000n);
    const ending = jsonLine({ mark: { boot, wall: String(WALL), events: 5, ending: true } });
    const sample = new Sample({ attached }).tell(0, app, open()).tell(999, app, close());
    for (const ago of [500_000, 1_500_000])
      sample.tell(2_000, app, { what: 'return_missed', function: 'f', ago });
    sample.tell(4_000, app, open()).line(ending).tell(5_001, app, close()).end(9_000);
    const jsonl = render('jsonl', sample.bytes, { judged: false }).trimEnd().split('\n');
    expect(jsonl.filter((line) => line.includes('umaptrace/event/1'))).toHaveLength(2);
    expect(JSON.parse(jsonl.at(-1) ?? '')).toMatchObject({ events: 6, notApplied: { before: 3, after: 1 } });
    expect(render('text', sample.bytes).replaceAll(/\s+/g, ' ')).toContain(
      'not applied 3 from before all probes were attached, 1 from after the trace was asked to end',
    );
  });
});
