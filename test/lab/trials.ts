/** The kernels that `npm run mutants` tries, and what each has to be convicted of. */
import * as v from 'valibot';
import type { MappedRange, MapsTruth, Truth } from './truth.ts';

/** What a kernel is expected to be convicted of, and how it is brought to do it. */
export interface Trial {
  /** Name of a mutant; {@link STOCK} or {@link REBUILT}. */
  readonly kernel: string;
  readonly workload: readonly string[];
  /** null: of nothing. */
  readonly conviction: Conviction | null;
  /** A warning is no broken promise; vacuous: there is no disassociation. */
  readonly verdict: 'pass' | 'violation' | 'vacuous';
  /** Lines of the kernel log that tell of a failure and are expected. Such a kernel gets a boot of its own. */
  readonly complaints?: RegExp;
}

export interface Conviction {
  readonly rule: string;
  readonly severity: 'violation' | 'warning';
  /** The VMAs that must be named, and no others, from what the workload said. */
  readonly vmas: (truth: Truth) => MappedRange[];
}

/** Where the fixture's offsets begin: what lies below is rxe's own (lab/fixture/umapfix.h). */
const DEVICE_MEMORY = 0x100_0000_0000;
export const PAGE = 0x1000;

/** The mappings of device memory that there were just before the device was removed or reset. */
function mappedBefore({ maps, did }: Truth): MappedRange[] {
  const end = did.find(({ what }) => what === 'remove' || what === 'reset')?.ns;
  const moment = maps.filter(({ ns }) => end !== undefined && ns < end).at(-1);
  return (moment?.pids ?? []).flatMap((process) => rangesOf(process));
}

const rangesOf = ({ pid, maps }: MapsTruth['pids'][number]): MappedRange[] =>
  maps.filter(({ pgoff }) => pgoff >= DEVICE_MEMORY).map(({ start, end }) => ({ pid, start, end }));

/** unplug's parent forks: its copies are later on the ufile's list, and come first in it (list_add). */
const ofParent = (truth: Truth): MappedRange[] => {
  const parent = truth.did.find(({ what }) => what === 'fork')?.pid;
  return mappedBefore(truth).filter(({ pid }) => pid === parent);
};
const ofChild = (truth: Truth): MappedRange[] => {
  const child = truth.did.find(({ what }) => what === 'fork')?.child;
  return mappedBefore(truth).filter(({ pid }) => pid === child);
};
const ofSeveralPages = (truth: Truth): MappedRange[] =>
  mappedBefore(truth).filter(({ start, end }) => end - start > PAGE);

/** What the last mmap that succeeded mapped. */
const mappedLast = ({ did }: Truth): MappedRange[] => did.filter(isRange('mmap')).slice(-1).map(toRange);
/** What was unmapped, each a whole VMA. */
const unmapped = ({ did }: Truth): MappedRange[] => did.filter(isRange('munmap')).map(toRange);

const rangeLine = v.object({ pid: v.number(), start: v.string(), end: v.string() });
const isRange =
  (wanted: string) =>
  ({ what, ok }: Truth['did'][number]): boolean =>
    what === wanted && ok;
const toRange = (line: Truth['did'][number]): MappedRange => {
  const { pid, start, end } = v.parse(rangeLine, line);
  return { pid, start: Number(start), end: Number(end) };
};

const trial = (
  kernel: string,
  workload: string,
  rule: string,
  vmas: Conviction['vmas'],
  severity: Conviction['severity'] = 'violation',
): Trial => ({
  kernel,
  workload: workload.split(' '),
  conviction: { rule, severity, vmas },
  verdict: severity === 'violation' ? 'violation' : 'pass',
});

const acquittal = (kernel: string, workload: string, verdict: Trial['verdict'] = 'pass'): Trial => ({
  kernel,
  workload: workload.split(' '),
  conviction: null,
  verdict,
});

/** The kernel's own module. */
export const STOCK = 'stock';
/** The same source without an edit, built as the mutants are: it shows that an edit is what a mutant is convicted of. */
export const REBUILT = 'rebuilt';

export const TRIALS: readonly Trial[] = [
  acquittal(STOCK, 'unplug --hold 8'),
  acquittal(STOCK, 'parts'),
  acquittal(STOCK, 'parts --entry --stay', 'vacuous'),
  acquittal(STOCK, 'late-mmap'),
  acquittal(REBUILT, 'unplug'),
  trial('first-mm-only', 'unplug', 'zap-missed', ofParent),
  trial('half-zapped', 'unplug', 'zap-short', ofSeveralPages),
  trial('zap-too-long', 'unplug', 'zap-short', mappedBefore),
  trial('split-unlisted', 'parts', 'zap-missed', mappedBefore),
  trial('fork-untracked', 'unplug --hold 8', 'escaped', ofChild),
  trial('sigbus', 'unplug', 'sigbus-after-zap', mappedBefore, 'warning'),
  trial('zap-late', 'unplug', 'teardown-order', mappedBefore),
  trial('mmap-unchecked', 'late-mmap', 'map-after-remove', mappedLast),
  trial('part-kept', 'parts --entry --stay', 'leaked-umap', unmapped),
  {
    ...trial('not-pfnmap', 'unplug', 'zap-short', mappedBefore),
    complaints: /BUG: Bad page map in process /,
  },
];
