/** The verbs that read recordings, loaded together. */
export { checkVerb } from './check.ts';
export { redactVerb } from './redact.ts';
export { reportVerb } from './report.ts';
