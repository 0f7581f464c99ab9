import type { Facts, PlanFacts } from '../../doctor/facts.ts';
import { isRoot } from '../../doctor/root.ts';
import { makePlan, missingEvents } from '../../plan/plan.ts';
import { environment } from '../../plan/program.ts';
import { UserError } from '../../user-error.ts';
import { listIterators } from '../bpftrace.ts';
import { runningKernel } from '../kernel.ts';
import { canRun } from '../run.ts';
import { withVersion } from './facts.ts';
import { tryBpftrace } from './trial.ts';

/** The plan for this kernel, or why it cannot be made. */
async function planFacts(bpftrace: string | null): Promise<Pick<Facts, 'plan' | 'unplanned'>> {
  try {
    const kernel = await runningKernel();
    const iterators = bpftrace === null ? undefined : await listIterators(bpftrace, environment(kernel));
    const plan = makePlan(kernel, { iterators });
    const lists = plan.probes.find(({ event, kind }) => event === 'snapshot_vma' && kind !== null);
    const attached = plan.probes.filter(({ kind }) => kind !== null);
    const facts: PlanFacts = {
      probes: plan.attachments.length,
      losses: missingEvents(plan),
      snapshot:
        lists === undefined
          ? null
          : { function: lists.function, kind: lists.kind ?? '', reason: lists.reason },
      functions: [...new Set(attached.map((probe) => probe.function))],
      modules: [...new Set(attached.flatMap(({ module }) => module ?? []))],
    };
    return { plan: facts, unplanned: null };
  } catch (error) {
    if (error instanceof UserError) return { plan: null, unplanned: error.message };
    throw error;
  }
}

/** The same facts with what takes longer: a probe plan is made, and bpftrace is tried as far as this user may. */
export async function triedFacts(facts: Facts): Promise<Facts> {
  const { bpftrace, process } = await withVersion(facts);
  const tried =
    bpftrace === null || !isRoot(process)
      ? bpftrace
      : { ...bpftrace, trial: await tryBpftrace(bpftrace.path) };
  return { ...facts, starts: await canRun(), bpftrace: tried, ...(await planFacts(bpftrace?.path ?? null)) };
}
