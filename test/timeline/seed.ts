import fc from 'fast-check';

/** The seed of CI; UMAPTRACE_SEED=n chooses another, UMAPTRACE_SEED=random any. */
const asked = process.env['UMAPTRACE_SEED'];
const seed = asked === undefined ? 20_260 : asked === 'random' ? Date.now() : Number(asked);

/** How many histories the largest property test takes; the others take a part of it. */
const histories = Number(process.env['UMAPTRACE_HISTORIES'] ?? 10_000);

/** Histories of operations of the model kernel, each a number. */
export const ops = fc.array(fc.nat({ max: 0x7fff_ffff }), { minLength: 5, maxLength: 40, size: 'max' });

/** Parameters of a property test. @param share of the histories, at most 1 */
export const runs = (share: number): { seed: number; numRuns: number } => ({
  seed,
  numRuns: Math.ceil(histories * share),
});
