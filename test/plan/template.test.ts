import { describe, expect, it } from 'vitest';
import type { Kernel } from '../../src/plan/kernel.ts';
import { makePlan, missingEvents, withoutAudit } from '../../src/plan/plan.ts';
import { makeProgram } from '../../src/plan/program.ts';
import { parseProbes, wantedSymbols } from '../../src/plan/template.ts';

const OFFSETS: Record<string, number> = { 'task_struct.comm': 100 };

function kernel(missing: readonly string[] = [], withBtf = true): Kernel {
  return {
    release: '6.12',
    arch: 'x86_64',
    hostname: 'lab',
    bootId: '',
    preemptible: false,
    symbol: (name) =>
      missing.includes(name) ? undefined : { name, address: 'ffffffff81000000', module: 'ib_uverbs' },
    offset: (path) => (missing.includes(path) ? undefined : (OFFSETS[path] ?? 8)),
    parameters: () => (withBtf ? ['a', 'b', 'c', 'd', 'e', 'f'] : undefined),
  };
}

describe('parseProbes', () => {
  it('reads kind, targets, body and events', () => {
    const [probe] = parseProbes('x.bt', 'entry:f|g,h\n{\n  EMIT(zap, ARG(0));\n}\n');
    expect(probe).toMatchObject({ kind: 'entry', targets: [['f', 'g'], ['h']], events: ['zap'] });
  });

  it('finds every symbol that is wanted', () => {
    const probes = parseProbes('x.bt', 'entry:f|g\n{\n  $x = SYMBOL(ops);\n}\n');
    expect(wantedSymbols(probes)).toEqual(['f', 'g', 'ops']);
  });
});

describe('makePlan', () => {
  it('uses trampolines where BTF names the parameters', () => {
    const plan = makePlan(kernel());
    expect(plan.attachments.map(({ place }) => place)).toContain('fexit:ib_uverbs:rdma_umap_open');
    expect(missingEvents(plan)).toEqual([]);
  });

  it('reads page tables where they are understood, with what the kernel has', () => {
    const { audits } = makePlan(kernel(['physical_mask']));
    expect(audits.map(({ place }) => place)).toEqual(['iter:task_vma']);
    expect(audits[0]?.body).toContain('$mask = (uint64)0xfffffffffffff & 0xffffffffff000;');
    expect(audits[0]?.body).toContain('(uint64)*(uint32*)0xffffffff81000000 == 48');
    const none = [
      makePlan({ ...kernel(), arch: 'aarch64' }),
      makePlan(kernel(['bpf_iter_seq_task_vma_info.mm'])),
      withoutAudit(makePlan(kernel()), 'turned off'),
    ];
    for (const plan of none) {
      expect(plan.audits).toEqual([]);
      expect(missingEvents(plan).map(({ event }) => event)).toContain('audit');
    }
  });

  it('uses kprobes without BTF, and keeps the arguments for the return', () => {
    const plan = makePlan(kernel([], false));
    const bodies = plan.attachments
      .filter(({ place }) => place === 'kprobe:rdma_user_mmap_io')
      .map(({ body }) => body);
    expect(bodies.join()).toContain('@rdma_user_mmap_io_arg1[tid] = arg1;');
    expect(plan.attachments.every(({ kind }) => !kind.startsWith('f'))).toBe(true);
  });

  it('uses kprobes where programs can be preempted', () => {
    const plan = makePlan({ ...kernel(), preemptible: true });
    expect(plan.attachments.every(({ kind }) => kind === 'kprobe' || kind === 'kretprobe')).toBe(true);
  });

  it('takes the next name of an alternative', () => {
    const plan = makePlan(kernel(['zap_special_vma_range']));
    expect(plan.probes.find(({ event }) => event === 'zap')).toMatchObject({
      function: 'zap_vma_ptes',
      kind: 'fexit',
    });
  });

  it('says what is missing, why, and what that costs', () => {
    const [missing] = missingEvents(makePlan(kernel(['rdma_umap_fault'])));
    expect(missing).toEqual({
      event: 'umap_fault',
      function: 'rdma_umap_fault',
      reason: 'this kernel has no such function',
      without: 'touches after a zap will not be seen',
    });
  });

  it('drops a probe whose member the BTF does not know', () => {
    const plan = makePlan(kernel(['vm_fault.address']));
    expect(missingEvents(plan)[0]?.reason).toBe("this kernel's BTF has no vm_fault.address");
  });

  it('tells an event without what is optional in it', () => {
    const body = (missing: readonly string[]) =>
      makePlan(kernel(missing)).attachments.find(({ place }) => place.endsWith(':ib_rdmacg_uncharge'))?.body;
    expect(body([])).toContain(', *(uint64*)($ufile + 8), $ufile)');
    expect(body(['ib_uverbs_file.ucontext'])).toContain(', 0, $ufile)');
  });

  it('leaves no word of the templates in a program', () => {
    for (const plan of [makePlan(kernel()), makePlan(kernel([], false))]) {
      const { text } = makeProgram(plan, kernel(), '{"x":"100%"}');
      expect(text).not.toMatch(/\b(ARG|U64|U32|STR32|OFFSET|SYMBOL|OPTIONAL|EMIT)\(|\bRET\b/);
      expect(text).toContain('printf("{\\"x\\":\\"100%%\\"}\\n")');
    }
  });
});
