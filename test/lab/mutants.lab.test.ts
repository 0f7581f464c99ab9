import { expect, it } from 'vitest';
import { showProgress } from '../../lab/progress.ts';
import { runTrials, sentenceText } from './mutants.ts';
import { REBUILT, TRIALS } from './trials.ts';

/** The others: npm run mutants. */
const HERE = [REBUILT, 'first-mm-only', 'zap-late'];

it('convicts kernels with a defect of it, and the same build without one of nothing', async () => {
  const trials = TRIALS.filter(({ kernel }) => HERE.includes(kernel));
  const told: string[] = [];
  for await (const sentence of runTrials(trials, showProgress())) {
    told.push(sentenceText(sentence));
    expect(sentence.wrong, sentenceText(sentence)).toEqual([]);
  }
  expect(told).toHaveLength(HERE.length);
}, 600_000);
