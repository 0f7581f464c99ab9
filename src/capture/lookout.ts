/** What looks at the machine beside the probes of a trace: what was there before, who holds what, what page tables map. */
import type { Looks } from '../plan/program.ts';
import { Auditor } from './audit.ts';
import { Iterators } from './iterators.ts';
import { preload, type Tools } from './snapshot.ts';

/** Made for the addresses that symbols have: when their module is loaded again it needs another. */
export interface Lookout {
  readonly tools: Tools;
  readonly snapshots: Looks['snapshots'];
  /** Resolves when the iterators of the snapshots are loaded, or cannot be. */
  readonly loaded: Promise<unknown>;
  /** null: page tables are not read. */
  readonly auditor: Auditor | null;
}

/**
 * Begins to load what looks at this machine.
 * @param bpftrace path of the executable
 */
export function openLookout(bpftrace: string, { snapshots, audits: [audit], iteratorEnv }: Looks): Lookout {
  const iterators = new Iterators(bpftrace, iteratorEnv);
  const loaded = Promise.all(snapshots.map(([way]) => preload(iterators, way)));
  const auditor = audit === undefined ? null : new Auditor(iterators.load(audit));
  return { tools: { bpftrace, iterators }, snapshots, loaded, auditor };
}
