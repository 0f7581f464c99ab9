/** Every verb: one line here, one file for each. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Context } from './context.ts';

/** Makes a verb's command; its action sets the context's status. */
export type Verb = (context: Context) => CommandUnknownOpts;

/** By name, in the order of the help. Each is loaded when it is asked for: a trace is ready sooner without all that reports need. */
export const VERBS: ReadonlyMap<string, () => Promise<Verb>> = new Map([
  ['trace', async () => (await import('./trace.ts')).traceVerb],
  ['record', async () => (await import('./trace.ts')).recordVerb],
  ['report', async () => (await import('./report.ts')).reportVerb],
  ['redact', async () => (await import('./redact.ts')).redactVerb],
  ['check', async () => (await import('./check.ts')).checkVerb],
  ['ps', async () => (await import('./ps.ts')).psVerb],
  ['doctor', async () => (await import('./doctor.ts')).doctorVerb],
  ['probes', async () => (await import('./probes.ts')).probesVerb],
]);
