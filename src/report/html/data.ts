/**
 * What the HTML report's page is given: a timeline in columns, one array for each property,
 * so that a hundred thousand VMAs stay small. Times are ns since the start, addresses
 * bytes; an index of -1 is "none". Shared by the writer and by the page.
 */
/** Order is part of the form: the columns hold the places in these lists. */
export const KINDS = ['io', 'driver'] as const;
export const CAUSES = ['mmap', 'fork', 'split', 'mremap', 'snapshot'] as const;
export const STATES = ['mapped', 'zapped', 'closed', 'escaped', 'unknown'] as const;
export const ENTRIES = ['born', 'shrunk', 'zap', 'touch', 'ended', 'stillborn', 'mismatch', 'audit'] as const;
export const OUTCOMES = ['dummy', 'sigbus', 'oom'] as const;
export type EntryKind = (typeof ENTRIES)[number];

/** Numbers that an entry has beside its time: their meaning, by kind. Offsets count from the birth's start. */
export const ENTRY_FIELDS: Readonly<Record<EntryKind, readonly string[]>> = {
  born: ['size'],
  shrunk: ['offset', 'size'],
  zap: ['offset', 'size', 'duration', 'disassociation'],
  touch: ['offset', 'write', 'outcome'],
  ended: ['dying'],
  stillborn: ['errno'],
  mismatch: ['message'],
  audit: ['pages', 'absent', 'dummy', 'device', 'unknown', 'delay'],
};

export interface VmaColumns {
  /** V1 is 1; each as the difference to the one before. */
  readonly number: readonly number[];
  readonly ufile: readonly number[];
  readonly mm: readonly number[];
  readonly kind: readonly number[];
  readonly cause: readonly number[];
  /** Place in these columns; -1: none, or not among them. */
  readonly parent: readonly number[];
  /** Its birth, as the difference to the one before. */
  readonly born: readonly number[];
  /** How long it lived, ns, below zero where the recording is out of order; null while alive. */
  readonly lived: readonly (number | null)[];
  /** Where it lies, as last known; as the difference to the one before. */
  readonly start: readonly number[];
  /** How far above its birth's start that is; may be below zero. */
  readonly moved: readonly number[];
  readonly size: readonly number[];
  /** As the difference to the one before. */
  readonly pgoff: readonly number[];
  /** -1: not known. */
  readonly pfn: readonly number[];
  /** Place in `words`. */
  readonly flags: readonly number[];
  readonly state: readonly number[];
  readonly tracked: readonly number[];
}

/** What happened to VMAs, in order of time. */
export interface EntryColumns {
  /** Place of its VMA, as the difference to the one before. */
  readonly vma: readonly number[];
  /** Ordinal of the event, as the difference to the one before. */
  readonly n: readonly number[];
  /** As the difference to the one before. */
  readonly ns: readonly number[];
  readonly kind: readonly number[];
  readonly actor: readonly number[];
  /** The fields of each entry, one after the other. */
  readonly fields: readonly number[];
}

export interface UfileData {
  readonly id: string;
  readonly device: string;
  readonly opened: number | null;
  readonly ucontextEnded: number | null;
  readonly closed: number | null;
  readonly freed: number | null;
}

export interface DisassociationData {
  readonly id: string;
  readonly kind: string;
  readonly device: string | null;
  readonly ufile: number;
  readonly actor: number;
  readonly requested: number | null;
  readonly teardown: number | null;
  readonly zapping: number | null;
  readonly ended: number | null;
  readonly zaps: number;
  /** Waits for an address space: its place in `mms`, from, to. */
  readonly waits: readonly (readonly [mm: number, from: number, to: number])[];
}

export interface GapData {
  readonly from: number;
  readonly to: number;
  /** -1: not known. */
  readonly cpu: number;
  readonly lost: number;
}

export interface FindingData {
  /** Its VMA, else its ufile. */
  readonly about: string;
  readonly rule: string;
  readonly severity: string;
  /** Escaped. */
  readonly message: string;
}

export interface MmData {
  readonly pointer: string;
  readonly pid: number | null;
  /** Escaped, as is the cgroup. */
  readonly comm: string;
  readonly cgroup: string;
}

export interface PageData {
  /** ns since boot of the start, and ns since the epoch (null: not known), as decimal text. */
  readonly boot: string;
  readonly wall: string | null;
  /** The stretch of time that is worth looking at. */
  readonly from: number;
  readonly to: number;
  /** What was left out because there is too much of it. */
  readonly left: { readonly vmas: number; readonly entries: number };
  /** Texts that columns refer to, escaped. */
  readonly words: readonly string[];
  /** Processes and threads: names as `comm[pid]`, escaped, and pids. */
  readonly actors: readonly string[];
  readonly mms: readonly MmData[];
  readonly ufiles: readonly UfileData[];
  readonly vmas: VmaColumns;
  readonly entries: EntryColumns;
  readonly disassociations: readonly DisassociationData[];
  readonly gaps: readonly GapData[];
  /** Those about a VMA or a ufile. */
  readonly findings: readonly FindingData[];
}
