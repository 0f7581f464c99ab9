import { describe, expect, test } from 'vitest';
import { Checker } from '../../src/check/checker.ts';
import type { Outcome, Severity } from '../../src/check/finding.ts';
import type { Rule, Say } from '../../src/check/rule.ts';
import { Timeline } from '../../src/timeline/timeline.ts';
import { WHOLE } from './judge.ts';

const CLAIM = { message: '', ufile: null, vma: null, evidence: [], since: 0, until: 0 };

/** A rule that says something when the recording ends. */
const rule = (severity: Severity, speak: (say: Say) => void): Rule => ({
  ...{ name: severity, severity, promise: '', rationale: '', reserve: null, needs: [], example: '' },
  start: (say) => ({ on: {}, finish: () => speak(say) }),
});

const outcomeOf = (...rules: readonly Rule[]): Outcome => new Checker(rules).finish(WHOLE, new Timeline());

const times = (count: number, act: (i: number) => void): void => {
  for (let i = 0; i < count; i++) act(i);
};

describe('what a rule says very often', () => {
  test('is told whole when it is a violation', () => {
    const { findings } = outcomeOf(rule('violation', (say) => times(250, () => say.found(CLAIM))));
    expect(findings).toHaveLength(250);
  });

  test.each([
    ['a finding', (say: Say) => say.found(CLAIM)],
    ['a finding that is made when it is shown', (say: Say) => say.found(() => CLAIM)],
  ])('is counted from the 201st on when it is a warning: %s', (_, speak) => {
    const { findings } = outcomeOf(rule('warning', (say) => times(250, () => speak(say))));
    expect(findings).toHaveLength(201);
    expect(findings[200]?.message).toBe('50 more findings of this rule, not shown');
  });

  test('decides as the weightiest of it does, shown or not', () => {
    const lacking = (decides: (i: number) => boolean): Outcome =>
      outcomeOf(
        rule('warning', (say) =>
          times(250, (i) => say.lacked({ what: '', how: '', evidence: [], decides: decides(i) })),
        ),
      );
    expect(lacking(() => false).verdict).toBe('vacuous');
    expect(lacking((i) => i === 220).verdict).toBe('inconclusive');
  });
});

test('violations come first, then warnings', () => {
  const speak = (say: Say): void => say.found(CLAIM);
  const { findings } = outcomeOf(rule('info', speak), rule('warning', speak), rule('violation', speak));
  expect(findings.map(({ severity }) => severity)).toEqual(['violation', 'warning', 'info']);
});
