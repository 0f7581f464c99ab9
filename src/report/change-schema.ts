/** The JSON of changes, and of the values that all JSON is made of. */
import * as v from 'valibot';

export const hexText = v.pipe(v.string(), v.regex(/^0x[0-9a-f]+$/), v.description('hexadecimal'));
export const nsText = v.pipe(
  v.string(),
  v.regex(/^-?\d+$/),
  v.description('nanoseconds since boot, decimal'),
);
export const durationNs = v.pipe(v.number(), v.description('nanoseconds'));
const errnoText = v.pipe(v.string(), v.description('an errno by name'));
const name = (kind: string, letter: string) =>
  v.pipe(v.string(), v.regex(new RegExp(`^${letter}\\d+$`)), v.description(`name of a ${kind}`));
export const ufileName = name('ufile', 'U');
export const vmaName = name('VMA', 'V');
export const disassociationName = name('disassociation', 'D');
export const ordinal = v.pipe(v.number(), v.integer(), v.description("the event's ordinal in the recording"));

export const cgroup = v.pipe(
  v.nullable(v.object({ id: v.number(), path: v.nullable(v.string()) })),
  v.description('cgroup (v2): inode of its directory, path below the root; null: not known'),
);
export const kind = v.picklist(['io', 'driver']);
export const cause = v.picklist(['mmap', 'fork', 'split', 'mremap', 'snapshot']);
export const state = v.picklist(['mapped', 'zapped', 'closed', 'escaped', 'unknown']);
export const disassociationKind = v.picklist(['remove', 'reset']);
export const range = { start: hexText, end: hexText };
const ofUfile = { ufile: ufileName };
const ofVma = { ...ofUfile, vma: vmaName, ...range };

const literal = <const What extends string>(what: What) => ({ what: v.literal(what) });

const ufileChange = v.object({
  what: v.picklist(['ufile-opened', 'ufile-found', 'ucontext-ended', 'ufile-closed', 'ufile-freed']),
  ...ofUfile,
  device: v.nullable(v.string()),
  uverbs: v.nullable(v.string()),
});

const ufileHeld = v.object({
  what: v.literal('ufile-held'),
  ...ofUfile,
  fd: v.pipe(v.number(), v.description('descriptor that the process of the event has it open by')),
});

const stackSeen = v.object({
  what: v.literal('stack-seen'),
  frames: v.pipe(v.array(v.string()), v.description('kernel functions, the innermost first')),
});

const disassociationPhase = v.object({
  what: v.picklist(['disassociation-teardown', 'disassociation-zapping', 'disassociation-ended']),
  ...ofUfile,
  disassociation: disassociationName,
  kind: disassociationKind,
});

const disassociationRequest = v.object({
  what: v.picklist(['disassociation-requested', 'disassociation-returned']),
  kind: disassociationKind,
  device: v.nullable(v.string()),
});

const vmaBorn = v.object({
  ...literal('vma-born'),
  ...ofVma,
  mm: hexText,
  owner: v.pipe(v.nullable(v.number()), v.description('pid; null in a fork: its `forked` change tells')),
  cgroup,
  kind,
  cause,
  parent: v.nullable(vmaName),
  pgoff: v.number(),
  pfn: v.nullable(hexText),
  flags: v.nullable(hexText),
  tracked: v.boolean(),
});

const vmaZapped = v.object({
  ...literal('vma-zapped'),
  ...ofVma,
  address: hexText,
  size: v.number(),
  duration: durationNs,
  disassociation: v.nullable(disassociationName),
});

const vmaTouched = v.object({
  ...literal('vma-touched'),
  ...ofVma,
  address: hexText,
  write: v.boolean(),
  outcome: v.picklist(['dummy', 'sigbus', 'oom']),
});

/** Pages of a VMA by what its page tables map. */
export const audit = v.object({
  pages: v.number(),
  absent: v.number(),
  dummy: v.number(),
  device: v.number(),
  unknown: v.number(),
});

const vmaAudited = v.object({
  ...literal('vma-audited'),
  ...ofVma,
  ...audit.entries,
  entry: v.pipe(v.nullable(hexText), v.description('page table entry of one device page')),
  delay: v.pipe(durationNs, v.description('since the disassociation had ended')),
});

const auditFailed = v.object({
  ...literal('audit-failed'),
  took: v.pipe(durationNs, v.description('that it was given')),
  waited: v.pipe(
    v.nullable(v.object({ pid: v.number(), comm: v.string() })),
    v.description('whose mmap_lock it waited for'),
  ),
});

export const gap = v.object({
  from: v.nullable(nsText),
  to: v.nullable(nsText),
  cpu: v.number(),
  lost: v.number(),
});

/** What an event did to the timeline. */
export const changeSchema = v.variant('what', [
  ufileChange,
  ufileHeld,
  v.object({ ...literal('ufile-open-failed'), errno: errnoText, rdev: v.string() }),
  v.object({ ...literal('mmap-failed'), ...ofUfile, errno: errnoText, ...range }),
  vmaBorn,
  v.object({ ...literal('vma-stillborn'), ...ofVma, errno: errnoText }),
  v.object({ ...literal('vma-shrunk'), ...ofVma, from: v.object(range) }),
  v.object({
    ...literal('forked'),
    mm: hexText,
    child: v.nullable(v.number()),
    cgroup,
    vmas: v.array(vmaName),
  }),
  vmaZapped,
  vmaTouched,
  v.object({ ...literal('vma-ended'), ...ofVma }),
  v.object({ ...literal('umap-kept'), ...ofVma }),
  vmaAudited,
  auditFailed,
  disassociationRequest,
  disassociationPhase,
  stackSeen,
  v.object({ ...literal('mismatch'), vma: v.nullable(vmaName), message: v.string() }),
  v.object({ ...literal('gap'), ...gap.entries }),
]);

export type ChangeJson = v.InferOutput<typeof changeSchema>;
export type CgroupJson = v.InferOutput<typeof cgroup>;
export type GapJson = v.InferOutput<typeof gap>;
