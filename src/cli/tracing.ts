/** The verbs that look at the running kernel, loaded together. */
export { doctorVerb } from './doctor.ts';
export { probesVerb } from './probes.ts';
export { psVerb } from './ps.ts';
export { recordVerb, traceVerb } from './trace.ts';
