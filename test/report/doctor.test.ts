import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { examine } from '../../src/doctor/examine.ts';
import type { Facts } from '../../src/doctor/facts.ts';
import { doctorJson, doctorSchema } from '../../src/report/doctor.ts';
import { doctorText } from '../../src/report/doctor-text.ts';
import { plain } from '../../src/report/paint.ts';
import { SOUND, withBpftrace, withKernel } from '../doctor/machine.ts';

const json = (facts: Facts) => doctorJson(facts, examine(facts), '1.2.3');
const text = (facts: Facts, width = 79) => doctorText(json(facts), { paint: plain, width });

describe('doctor as JSON', () => {
  it.each([
    ['a sound machine', SOUND, true],
    ['no bpftrace', { ...SOUND, bpftrace: null }, false],
    ['locked down', withKernel({ lockdown: 'confidentiality' }), false],
  ])('fits its schema: %s', (_what, facts, able) => {
    const found = v.parse(v.strictObject(doctorSchema.entries), json(facts));
    expect(found.able).toBe(able);
    expect(found.checks.filter(({ cost }) => cost !== null).length).toBe(able ? 0 : 1);
  });
});

describe('doctor as text', () => {
  it('says what is wrong, what that costs, and the line that mends it, unfolded', () => {
    expect(text(withKernel({ addresses: false, kptrRestrict: 2 }), 60)).toContain(
      [
        'missing  addresses       the kernel hides its addresses',
        '                         (/proc/kallsyms shows zeros:',
        '                         kernel.kptr_restrict is 2)',
      ].join('\n'),
    );
    expect(text(withKernel({ addresses: false, kptrRestrict: 2 }))).toContain(
      '\n                         mend: sysctl kernel.kptr_restrict=1\n',
    );
  });

  it('sums up', () => {
    expect(text(SOUND)).toMatch(/^umaptrace 1\.2\.3 · 6\.12\.107\S+ · x86_64 · bpftrace 0\.23\.2\n/);
    expect(text(SOUND)).toMatch(/\numaptrace can trace here\n$/);
    expect(text({ ...withBpftrace({ trial: null }), devices: [] })).toMatch(
      /\numaptrace can trace here, 1 warning, 1 thing not known\n$/,
    );
    expect(text({ ...SOUND, bpftrace: null, devices: [] })).toMatch(
      /\numaptrace cannot trace here: 1 missing, 1 warning, 1 thing not known\n$/,
    );
  });

  it('keeps what others chose away from the terminal', () => {
    const hostile = text(
      withBpftrace({ trial: { worked: false, ending: 'status 1', words: ['\x1b[2Jgone'] } }),
    );
    expect(hostile).not.toContain('\x1b');
    expect(hostile).toContain('\\x1b[2Jgone');
  });

  it.each([60, 79])('is at most %i columns wide, but for commands', (width) => {
    const wide = text({ ...SOUND, bpftrace: null, devices: [] }, width)
      .split('\n')
      .slice(1, -2)
      .filter((line) => !line.includes('mend: ') && line.length > width);
    expect(wide).toEqual([]);
  });
});
