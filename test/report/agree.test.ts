/** Every form of a report tells the same: names, counts and times of one recording. */
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { cgroupName } from '../../src/report/names.ts';
import { type TimelineJson, timelineSchema } from '../../src/report/schema.ts';
import { relativeTime } from '../../src/time-text.ts';

import { lifecycle } from '../recording/lifecycle.ts';
import { ORIGIN, type Sample } from '../recording/sample.ts';
import { unplug } from '../recording/unplug.ts';
import { pageModel } from './html/page.ts';
import { readTrace } from './perfetto.ts';
import { render, renderBytes } from './render.ts';

const samples: [string, Sample][] = [
  ['unplug', unplug()],
  ['lifecycle', lifecycle()],
];

/** What all forms must agree on. Times are ns since boot. */
interface Facts {
  readonly ufiles: readonly string[];
  readonly vmas: readonly string[];
  readonly born: readonly string[];
  readonly ended: readonly (string | null)[];
  readonly parents: readonly (string | null)[];
  readonly zaps: readonly string[];
  readonly touches: readonly string[];
  readonly phases: readonly string[];
  readonly lost: number;
  /** Where the process of each VMA is. */
  readonly cgroups: readonly string[];
}

const sorted = (list: readonly string[]): string[] => list.toSorted();

function jsonFacts({ ufiles, disassociations, gaps }: TimelineJson): Facts {
  const vmas = ufiles.flatMap((ufile) => ufile.vmas);
  const entries = vmas.flatMap((vma) => vma.history);
  const at = (what: string): string[] =>
    sorted(entries.filter((each) => each.what === what).map(({ ns }) => ns));
  return {
    ufiles: ufiles.map(({ id }) => id),
    vmas: vmas.map(({ id }) => id),
    born: vmas.map(({ origin }) => origin.ns),
    ended: vmas.map(({ ended }) => ended?.ns ?? null),
    parents: vmas.map(({ origin }) => origin.parent),
    zaps: at('vma-zapped'),
    touches: at('vma-touched'),
    phases: disassociations.flatMap(({ phases }) => Object.values(phases).filter((ns) => ns !== null)),
    lost: gaps.reduce((sum, { lost }) => sum + lost, 0),
    cgroups: vmas.map(({ cgroup }) => cgroupName(cgroup)),
  };
}

const boot = (ns: number): string => String(ORIGIN + BigInt(ns));

function htmlFacts(html: string): Facts {
  const model = pageModel(html);
  const { vmas, disassociations, gaps } = model.data;
  const all = Array.from({ length: model.count }, (_, vma) => vma);
  const entries = all.flatMap((vma) => model.history(vma));
  const name = (vma: number): string => `V${model.number[vma]}`;
  const at = (kind: string): string[] =>
    sorted(entries.filter((each) => each.kind === kind).map(({ ns }) => boot(ns)));
  return {
    ufiles: model.data.ufiles.map(({ id }) => id),
    vmas: all.map(name),
    born: all.map((vma) => boot(model.born[vma] ?? 0)),
    ended: all.map((vma) => (vmas.lived[vma] === null ? null : boot(model.end[vma] ?? 0))),
    parents: all.map((vma) => (model.parent(vma) < 0 ? null : name(model.parent(vma)))),
    zaps: at('zap'),
    touches: at('touch'),
    phases: disassociations.flatMap(({ requested, teardown, zapping, ended }) =>
      [requested, teardown, zapping, ended].flatMap((ns) => (ns === null ? [] : [boot(ns)])),
    ),
    lost: gaps.reduce((sum, { lost }) => sum + lost, 0),
    cgroups: all.map((vma) => model.data.mms[model.mm(vma)]?.cgroup ?? ''),
  };
}

function perfettoFacts(bytes: Buffer, json: Facts): Facts {
  const { tracks, slices, events, nameOf } = readTrace(bytes);
  const labels = new Map(
    tracks.map(({ uuid, process }) => [uuid, process?.process_labels.join().replace('cgroup ', '')]),
  );
  const vmas = tracks.flatMap(({ name }) => (/^V\d+ /.test(name) ? [name.split(' ')[0] ?? ''] : []));
  const lifeOf = (vma: string) => slices.filter(({ track }) => track.split(' ')[0] === vma);
  const parents = new Map<string, string>();
  const flows = new Map(
    events.flatMap((event) => event.flow_ids.map((id) => [id, nameOf(event.track_uuid)] as const)),
  );
  for (const event of events) {
    for (const id of event.terminating_flow_ids) {
      parents.set(nameOf(event.track_uuid).split(' ')[0] ?? '', flows.get(id)?.split(' ')[0] ?? '');
    }
  }
  const instants = (test: RegExp): string[] =>
    sorted(
      events.filter(({ type, name }) => type === 'TYPE_INSTANT' && test.test(name ?? '')).map(({ ns }) => ns),
    );
  const phases = slices.filter(({ track }) => /^D\d/.test(track));
  const lost = slices.filter(({ track }) => track.startsWith('lost events'));
  return {
    ufiles: tracks.flatMap(({ name }) => /^(U\d+) .*\(uverbs/.exec(name)?.[1] ?? []),
    vmas,
    born: vmas.map((vma) => lifeOf(vma)[0]?.from ?? ''),
    ended: vmas.map((vma, i) => (json.ended[i] === null ? null : (lifeOf(vma).at(-1)?.to ?? ''))),
    parents: vmas.map((vma) => parents.get(vma) ?? null),
    zaps: instants(/^zap$/),
    touches: instants(/^(read|write): /),
    phases: [...phases.map(({ from }) => from), ...phases.slice(-1).map(({ to }) => to)],
    lost: lost.reduce((sum, { name }) => sum + Number.parseInt(name, 10), 0),
    cgroups: tracks.flatMap(({ name, parent_uuid: parent = '' }) =>
      /^V\d+ /.test(name) ? [labels.get(parent) ?? 'not known'] : [],
    ),
  };
}

describe.each(samples)('the reports of %s', (_name, sample) => {
  const json = v.parse(timelineSchema, JSON.parse(render('json', sample.bytes)));
  const facts = jsonFacts(json);
  const html = render('html', sample.bytes);

  it('agree in HTML', () => {
    expect(htmlFacts(html)).toEqual(facts);
  });

  it('agree in Perfetto', () => {
    expect(perfettoFacts(renderBytes('perfetto', sample.bytes), facts)).toEqual(facts);
  });

  it.each(['text', 'md'] as const)('agree in %s', (format) => {
    const text = render(format, sample.bytes);
    const moment = (ns: string): string => relativeTime(Number(BigInt(ns) - ORIGIN));
    const lines = text.split('\n').map((line) => line.trim());
    const counted = (moments: readonly string[], word: RegExp): number =>
      lines.filter((line) => moments.some((ns) => line.startsWith(moment(ns))) && word.test(line)).length;
    expect(counted(facts.zaps, / zap {2}/)).toBe(facts.zaps.length);
    expect(counted(facts.touches, / (read|wrote) 0x/)).toBe(facts.touches.length);
    expect(counted(facts.born, / (mmap|fork of|split of|move of) /)).toBeGreaterThanOrEqual(
      facts.born.length,
    );
    for (const [i, vma] of facts.vmas.entries()) {
      const birth = lines.find((line) => new RegExp(`\\b${vma}\\b`).test(line) && /^\+/.test(line));
      expect(birth?.startsWith(moment(facts.born[i] ?? ''))).toBe(true);
    }
  });

  it('agree on where processes are, in text and md', () => {
    const rows = render('md', sample.bytes).match(/^\| process \| cgroup \|\n(?:\|.*\n)*/m)?.[0];
    for (const cgroup of new Set(facts.cgroups)) if (cgroup !== 'not known') expect(rows).toContain(cgroup);
    for (const [i, vma] of facts.vmas.entries()) {
      const text = render('text', sample.bytes, { filters: { vma }, width: 300 });
      const birth = text
        .split('\n')
        .find((line) => new RegExp(`  ${vma} +(mmap|fork|split|move) `).test(line));
      expect(birth).toContain(`cgroup ${facts.cgroups[i]}`);
    }
  });

  it.each([{ since: 1.5e9 }, { since: 1.6e9 }, { until: 1000 }, { vma: 'V3' }])(
    'agree on what %j leaves out',
    (filters) => {
      const asked = { filters };
      const some = jsonFacts(v.parse(timelineSchema, JSON.parse(render('json', sample.bytes, asked))));
      expect(some).not.toEqual(facts);
      expect(htmlFacts(render('html', sample.bytes, asked))).toEqual(some);
      expect(perfettoFacts(renderBytes('perfetto', sample.bytes, asked), some)).toEqual(some);
    },
  );

  it('have the same summary', () => {
    const { recording, ufiles } = json;
    const vmas = ufiles.flatMap((ufile) => ufile.vmas).length;
    expect(vmas).toBe(facts.vmas.length);
    const plain = html.replace(/<[^>]*>/g, ' ');
    for (const text of [render('text', sample.bytes), render('md', sample.bytes), plain]) {
      expect(text).toContain(`${recording.events} in `);
      expect(text).toContain(`${recording.lost} lost`);
    }
  });
});
