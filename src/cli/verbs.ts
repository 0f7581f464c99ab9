/** Every verb: one line here, one file for each. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Context } from './context.ts';

/** Makes a verb's command; its action sets the context's status. */
export type Verb = (context: Context) => CommandUnknownOpts;

const tracing = () => import('./tracing.ts');
const reading = () => import('./reading.ts');

/** By name, in the order of the help. They are loaded when they are asked for: a trace is ready sooner without all that reports need. */
export const VERBS: ReadonlyMap<string, () => Promise<Verb>> = new Map([
  ['trace', async () => (await tracing()).traceVerb],
  ['record', async () => (await tracing()).recordVerb],
  ['report', async () => (await reading()).reportVerb],
  ['redact', async () => (await reading()).redactVerb],
  ['check', async () => (await reading()).checkVerb],
  ['ps', async () => (await tracing()).psVerb],
  ['doctor', async () => (await tracing()).doctorVerb],
  ['probes', async () => (await tracing()).probesVerb],
]);
