/** What `umaptrace doctor` found, as data: its text and its JSON are made of this. */
import * as v from 'valibot';
import { isTrouble } from '../doctor/check.ts';
import type { Examined } from '../doctor/examine.ts';
import { isAble } from '../doctor/examine.ts';
import type { Facts } from '../doctor/facts.ts';

/** `doctor --json` */
export const doctorSchema = v.object({
  schema: v.literal('umaptrace/doctor/1'),
  version: v.pipe(v.string(), v.description("umaptrace's own")),
  kernel: v.string(),
  arch: v.string(),
  bpftrace: v.nullable(v.string()),
  able: v.pipe(v.boolean(), v.description('whether umaptrace trace, run by this user, can work')),
  checks: v.array(
    v.object({
      name: v.string(),
      looksAt: v.string(),
      state: v.pipe(
        v.picklist(['ok', 'warning', 'missing', 'unknown']),
        v.description(
          'missing: nothing can be traced; warning: something can, at a cost; unknown: not told to this user',
        ),
      ),
      found: v.string(),
      cost: v.nullable(v.string()),
      mend: v.pipe(v.nullable(v.string()), v.description('the command or setting that mends it')),
    }),
  ),
});

export type DoctorJson = v.InferOutput<typeof doctorSchema>;

/** The document of what was examined. @param version umaptrace's own */
export function doctorJson(
  { kernel, bpftrace }: Facts,
  examined: readonly Examined[],
  version: string,
): DoctorJson {
  return {
    schema: 'umaptrace/doctor/1',
    version,
    kernel: kernel.release,
    arch: kernel.arch,
    bpftrace: bpftrace?.version ?? null,
    able: isAble(examined),
    checks: examined.map(({ check: { name, looksAt }, diagnosis }) => ({
      name,
      looksAt,
      state: diagnosis.state,
      found: diagnosis.found,
      cost: isTrouble(diagnosis) ? diagnosis.cost : null,
      mend: isTrouble(diagnosis) ? diagnosis.mend : null,
    })),
  };
}
