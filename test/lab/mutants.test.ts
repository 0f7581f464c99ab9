import { describe, expect, it } from 'vitest';
import { applyEdit } from '../../lab/mutants/edit.ts';
import { MUTANTS } from '../../lab/mutants/mutants.ts';
import { REBUILT, STOCK, TRIALS } from './trials.ts';

const SOURCE = 'int f(int *p)\n{\n\tif (!p)\n\t\treturn (1);\n\tg(p);\n\treturn 0;\n}\n';

describe('an edit', () => {
  it('is made at its place, whatever white space is there', () => {
    const edited = applyEdit(SOURCE, { file: 'f.c', at: 'if (!p) return (1);', put: 'h();' });
    expect(edited).toBe('int f(int *p)\n{\n\th();\n\tg(p);\n\treturn 0;\n}\n');
  });

  it.each([
    ['nowhere', 'g(q);', /f\.c has 0 places, not one, that read "g\(q\);"/],
    ['twice', 'return', /f\.c has 2 places/],
  ])('is refused when its place is there %s', (_, at, message) => {
    expect(() => applyEdit(SOURCE, { file: 'f.c', at, put: '' })).toThrow(message);
  });
});

describe('the trials', () => {
  it('try every mutant, and only kernels that there are', () => {
    const tried = new Set(TRIALS.map(({ kernel }) => kernel));
    expect(tried).toEqual(new Set([STOCK, REBUILT, ...MUTANTS.map(({ name }) => name)]));
  });

  it('acquit kernels without a defect alone, by each workload that convicts another', () => {
    const words = ({ workload }: (typeof TRIALS)[number]): string => workload.join(' ');
    const acquitted = TRIALS.filter(({ conviction }) => conviction === null);
    expect(new Set(acquitted.map(({ kernel }) => kernel))).toEqual(new Set([STOCK, REBUILT]));
    expect(new Set(acquitted.map(words))).toEqual(new Set(TRIALS.map(words)));
  });
});
