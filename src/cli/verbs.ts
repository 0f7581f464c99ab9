/** Every verb: one line here, one file for each. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { checkVerb } from './check.ts';
import type { Context } from './context.ts';
import { doctorVerb } from './doctor.ts';
import { probesVerb } from './probes.ts';
import { psVerb } from './ps.ts';
import { redactVerb } from './redact.ts';
import { reportVerb } from './report.ts';
import { recordVerb, traceVerb } from './trace.ts';

/** Makes a verb's command; its action sets the context's status. */
export type Verb = (context: Context) => CommandUnknownOpts;

export const VERBS: readonly Verb[] = [
  traceVerb,
  recordVerb,
  reportVerb,
  redactVerb,
  checkVerb,
  psVerb,
  doctorVerb,
  probesVerb,
];
