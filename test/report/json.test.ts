import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { jsonSchemaText } from '../../src/report/json-schema.ts';
import { jsonlSchema, type TimelineJson, timelineSchema } from '../../src/report/schema.ts';
import { lifecycle } from '../recording/lifecycle.ts';
import type { Sample } from '../recording/sample.ts';
import { unplug } from '../recording/unplug.ts';
import { render } from './render.ts';

const samples: [string, Sample][] = [
  ['unplug', unplug()],
  ['lifecycle', lifecycle()],
];
const parse = (text: string): unknown => JSON.parse(text);
const timelineOf = (sample: Sample, filters = {}): TimelineJson =>
  v.parse(timelineSchema, parse(render('json', sample.bytes, { filters })));

describe.each(samples)('%s as JSON', (name, sample) => {
  it('is what the schema says, and nothing else', async () => {
    const text = render('json', sample.bytes);
    expect(v.parse(timelineSchema, parse(text))).toEqual(parse(text));
    await expect(text).toMatchFileSnapshot(`../golden/${name}.json`);
  });

  it('is, line by line, what the schema says, and nothing else', async () => {
    const text = render('jsonl', sample.bytes);
    for (const line of text.trimEnd().split('\n'))
      expect(v.parse(jsonlSchema, parse(line))).toEqual(parse(line));
    await expect(text).toMatchFileSnapshot(`../golden/${name}.jsonl`);
  });

  it('has the names and the counts of the text', () => {
    const text = render('text', sample.bytes);
    const { ufiles, recording, gaps } = timelineOf(sample);
    const names = ufiles.flatMap(({ id, vmas }) => [id, ...vmas.map((vma) => vma.id)]);
    expect(new Set(text.match(/\b[UV]\d+\b/g))).toEqual(new Set(names));
    expect(text).toContain(`${recording.events} in `);
    expect(text).toContain(`${recording.lost} lost`);
    expect(gaps.reduce((sum, { lost }) => sum + lost, 0)).toBe(recording.lost);
  });
});

describe('the timeline as JSON', () => {
  it('tells phases, zaps and waits of a disassociation', () => {
    const [disassociation] = timelineOf(unplug()).disassociations;
    expect(disassociation).toMatchObject({
      id: 'D1',
      kind: 'remove',
      device: 'rxe0',
      ufile: 'U1',
      pid: 320,
      phases: {
        requested: '1001002000000',
        teardown: '1001004500000',
        zapping: '1001204500000',
        ended: '1001254720000',
      },
    });
    expect(disassociation?.zaps.map(({ vma, waited }) => [vma, waited])).toEqual([
      ['V2', 94_600],
      ['V1', null],
      ['V4', 50_095_000],
      ['V3', null],
    ]);
  });

  it('tells the child of a fork with its own pid', () => {
    const [ufile] = timelineOf(unplug()).ufiles;
    expect(ufile?.vmas.map(({ id, pid, origin }) => [id, pid, origin.cause, origin.parent])).toEqual([
      ['V1', 312, 'mmap', null],
      ['V2', 312, 'mmap', null],
      ['V3', 313, 'fork', 'V1'],
      ['V4', 313, 'fork', 'V2'],
    ]);
  });

  it('takes only what is asked for', () => {
    const of = (filters: object): string[] =>
      timelineOf(lifecycle(), filters).ufiles.flatMap(({ vmas }) => vmas.map(({ id }) => id));
    expect(of({ vma: 'V2' })).toEqual(['V1', 'V2']);
    expect(of({ vma: 'V3' })).toEqual(['V1', 'V3', 'V4', 'V5']);
    expect(of({ since: 450e3, until: 550e3 })).toEqual(['V2', 'V4', 'V5']);
    expect(of({ comm: 'other' })).toEqual([]);
    expect(of({ device: 'uverbs0' })).toHaveLength(6);
    expect(of({ device: 'uverbs1' })).toEqual([]);
  });

  it('has the ufiles and disassociations of the time asked for', () => {
    const of = (since: number): string[] => {
      const { ufiles, disassociations } = timelineOf(unplug(), { since });
      const md = render('md', unplug().bytes, { filters: { since } });
      expect(md.includes('\n| D1 | ')).toBe(disassociations.length > 0);
      return [...ufiles, ...disassociations].map(({ id }) => id);
    };
    expect([0, 1.25e9, 1.5e9, 1.6e9].map(of)).toEqual([['U1', 'D1'], ['U1', 'D1'], ['U1'], []]);
  });

  it('has no verdict while no rules are applied', () => {
    const text = render('json', unplug().bytes, { judged: false });
    expect(parse(text)).toMatchObject({ findings: [], verdict: null });
  });

  it('has what the rules say', () => {
    const { findings, verdict } = timelineOf(unplug());
    expect(verdict).toBe('pass');
    expect(findings.map(({ rule, severity, vma }) => [rule, severity, vma])).toEqual([
      ['sigbus-after-zap', 'warning', 'V3'],
      ['touched-after-zap', 'info', 'V1'],
    ]);
    expect(timelineOf(unplug(), { vma: 'V2' }).findings).toEqual([]);
    expect(timelineOf(unplug(), { vma: 'V3' }).findings).toHaveLength(2);
  });

  it('names errnos', () => {
    expect(render('jsonl', lifecycle().bytes)).toContain('"errno":"EINVAL"');
  });
});

describe('the JSON Schema', () => {
  it.each(['json', 'jsonl', 'at'] as const)('of %s can be printed', (of) => {
    expect(parse(jsonSchemaText(of))).toMatchObject({ $schema: expect.stringContaining('json-schema.org') });
  });
});
