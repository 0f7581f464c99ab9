import { expect, test } from 'vitest';
import type { Kernel } from '../../src/plan/kernel.ts';
import { type Method, makePlan, methodsFor } from '../../src/plan/plan.ts';
import {
  likelySettings,
  makeProgram,
  makeTraceProgram,
  type Program,
  VMLINUX_TYPES,
} from '../../src/plan/program.ts';

/** A kernel that has every function and member, with types of modules or without. */
const kernel = (moduleTypes: boolean): Kernel => ({
  ...{ release: '6.12.0', arch: 'x86_64', hostname: 'lab', bootId: '', preemptible: false, hostPids: true },
  moduleTypes,
  symbol: (name) => ({ name, address: 'ffffffff81000000', module: 'ib_uverbs' }),
  offset: () => 8,
  parameters: () => ['a', 'b', 'c', 'd', 'e', 'f'],
});

function programOf(method: Method, moduleTypes = true): Program {
  const on = kernel(moduleTypes);
  const iterators = new Set(['task_file', 'task_vma']);
  return makeProgram(makePlan(on, { method, iterators }), on, '{}');
}

test.each<[Method, RegExp]>([
  ['fentry', /^fentry:ib_uverbs:/m],
  ['kfunc', /^kfunc:ib_uverbs:/m],
])('%s needs the types of modules', (method, place) => {
  const { text, env } = programOf(method);
  expect(text).toMatch(place);
  expect(env).toEqual({});
  expect(programOf(method, false).env).toEqual(VMLINUX_TYPES);
});

test.each<Method>(['kprobe', 'old-kprobe'])('%s does not, but the iterators beside it do', (method) => {
  const { text, env, snapshots, iteratorEnv } = programOf(method);
  expect(text).not.toMatch(/^(fentry|fexit|kfunc|kretfunc):/m);
  expect(env).toEqual(VMLINUX_TYPES);
  expect(iteratorEnv).toEqual({});
  const beside = snapshots.flat().map(({ way, env: own }) => [way.attachment.kind, own]);
  expect(beside).toContainEqual(['iter', {}]);
});

test.each<[Method, boolean]>([
  ['fentry', true],
  ['kprobe', false],
])('by %s, the program of a plan without looks is that of the whole plan', (method, moduleTypes) => {
  const on = kernel(moduleTypes);
  const whole = makeTraceProgram(makePlan(on, { method }), on);
  const bare = makeTraceProgram(makePlan(on, { method, looks: false }), on);
  expect(whole.snapshots.length).toBeGreaterThan(0);
  expect(bare).toEqual({ ...whole, snapshots: [], audits: [] });
});

test.each([
  { preemptible: false, types: true, pin: true },
  { preemptible: true, types: true, pin: true },
  { preemptible: false, types: false, pin: true },
  { preemptible: false, types: true, pin: false },
])('what the first program needs is known before there is one: %o', ({ preemptible, types, pin }) => {
  const on: Kernel = {
    ...kernel(types),
    preemptible,
    parameters: () => (types ? ['a', 'b', 'c', 'd', 'e', 'f'] : undefined),
  };
  const [method] = methodsFor(on, pin);
  const { env, shared } = makeProgram(makePlan(on, { method }), on, '{}');
  expect(likelySettings(on, pin)).toEqual({ env, shared });
});
