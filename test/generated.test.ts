import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { generated } from '../tools/generate.ts';

it.each(Object.entries(generated()))('%s is what its sources say', (path, content) => {
  expect(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')).toBe(content);
});
