import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mutant } from './mutate.ts';
import { firstWrong } from './survive.ts';

/** Seeds; `npm run fuzz` tries many more. */
const RUNS = 400;
const corpus = new URL('corpus/', import.meta.url);

describe('spoiled recordings', () => {
  it('become a report in every format, or one sentence', { timeout: 120_000 }, () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const wrong = firstWrong(mutant(seed));
      expect(wrong === null ? null : `seed ${seed}: ${wrong}`).toBeNull();
    }
  });

  it.each(readdirSync(corpus))('stay harmless: %s', (name) => {
    expect(firstWrong(readFileSync(new URL(name, corpus)))).toBeNull();
  });
});
