import { describe, expect, it } from 'vitest';
import { attachmentsAgain } from '../../src/plan/again.ts';
import { makeHeader } from '../../src/plan/header.ts';
import type { Kernel } from '../../src/plan/kernel.ts';
import { leftInside } from '../../src/plan/kretprobe.ts';
import { type Method, makePlan, missingEvents, type Plan, withoutAudit } from '../../src/plan/plan.ts';
import { makeProgram } from '../../src/plan/program.ts';
import { parseProbes, wantedSymbols, withPieces } from '../../src/plan/template.ts';

const OFFSETS: Record<string, number> = { 'task_struct.comm': 100 };

function kernel(missing: readonly string[] = [], withBtf = true): Kernel {
  return {
    release: '6.12',
    arch: 'x86_64',
    hostname: 'lab',
    bootId: '',
    preemptible: false,
    hostPids: true,
    moduleTypes: true,
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

  it('puts pieces where they are used, as deep as there', () => {
    const files = {
      'a.bt': 'entry:f\n{\n  if (1) {\n    USE(twice);\n  }\n}\n',
      'b.bt': 'piece:twice\n{\n  $x = 1;\n  $x = 2;\n}\n',
    };
    expect(withPieces(files)['a.bt']).toContain('{\n    $x = 1;\n    $x = 2;\n  }\n');
    expect(parseProbes('b.bt', files['b.bt'])).toEqual([]);
    expect(() => withPieces({ 'a.bt': files['a.bt'] })).toThrow('there is no piece twice');
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

  it('names the module of a function, where bpftrace takes one', () => {
    const placesBy = (method: Method): string[] =>
      makePlan(kernel(), { method }).attachments.map(({ place }) => place);
    expect(placesBy('kprobe')).toContain('kprobe:ib_uverbs:rdma_umap_open');
    expect(placesBy('old-kprobe')).toContain('kprobe:rdma_umap_open');
    expect(placesBy('kfunc')).not.toContain('kprobe:ib_uverbs:ib_uverbs_open');
  });

  it('takes pids and tids from the task in another pid namespace', () => {
    const textIn = (hostPids: boolean): string => {
      const inside = { ...kernel(), hostPids };
      return makeProgram(makePlan(inside), inside, 'x').text;
    };
    expect(textIn(true)).toContain('[tid]');
    expect(textIn(true)).not.toContain('[(uint64)*(uint32*)((uint64)curtask');
    expect(textIn(false)).not.toMatch(/\b(?:tid|pid)\b/);
    expect(textIn(false)).toContain('[(uint64)*(uint32*)((uint64)curtask + 8)] = ');
  });

  it('tells in the header where the kernel does not count the runs that it skips', () => {
    const isUncounted = (changes: Partial<Kernel>, method: Method): boolean => {
      const other = { ...kernel(), ...changes };
      const facts = { version: '', bpftrace: '', boot: 0n, wall: 0n, filters: {} };
      return makeHeader(other, makePlan(other, { method }), facts).uncounted === true;
    };
    expect(isUncounted({ preemptible: true, release: '6.6.30-lts' }, 'kprobe')).toBe(true);
    expect(isUncounted({ preemptible: true, release: '5.15.0' }, 'old-kprobe')).toBe(true);
    expect(isUncounted({ preemptible: true, release: '6.7.0' }, 'kprobe')).toBe(false);
    expect(isUncounted({ preemptible: true, release: '7.2.1' }, 'kprobe')).toBe(false);
    expect(isUncounted({ preemptible: false, release: '6.1.0' }, 'kprobe')).toBe(false);
  });

  it('names each argument once: bpftrace searches BTF wherever a program says args', () => {
    for (const { place, body } of makePlan(kernel()).attachments) {
      const named = body.match(/args->\w+/g) ?? [];
      expect(new Set(named).size, place).toBe(named.length);
    }
  });

  it('reads page tables where they are understood, with what the kernel has', () => {
    const { audits } = makePlan(kernel(['physical_mask']));
    expect(audits.map(({ place }) => place)).toEqual(['iter:task_vma']);
    expect(audits[0]?.body).toContain('$mask = (uint64)0xfffffffffffff & 0xffffffffff000;');
    expect(audits[0]?.body).toContain('(uint64)*(uint32*)0xffffffff81000000 == 48');
    const mmap = (of: Kernel) =>
      makePlan(of).attachments.find(({ place }) => place === 'fexit:ib_uverbs:ib_uverbs_mmap')?.body;
    expect(mmap(kernel())).toContain('retval == 0 && 1 == 1');
    expect(mmap({ ...kernel(), arch: 'aarch64' })).toContain('retval == 0 && 0 == 1');
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
      .filter(({ place }) => place === 'kprobe:ib_uverbs:rdma_user_mmap_io')
      .map(({ body }) => body);
    expect(bodies.join()).toMatch(/@in_rdma_user_mmap_io\[tid\] = \(\(uint64\)arg1, .*, nsecs\);/);
    expect(plan.attachments.every(({ kind }) => !kind.startsWith('f'))).toBe(true);
  });

  it('keeps the arguments of a function for one probe only: two would take each other for a missed return', () => {
    const places = makePlan(kernel([], false))
      .attachments.filter(({ kind }) => kind === 'kretprobe')
      .map(({ place }) => place);
    expect(new Set(places).size).toBe(places.length);
  });

  const placesOf = (snapshots: Plan['snapshots']): string[][] =>
    snapshots.map((ways) => ways.map(({ attachment }) => attachment.place));

  it('takes a kprobe for a trampoline that was refused, and nothing for a kprobe that was', () => {
    const how = (...places: string[]) => {
      const refused = new Map(places.map((place) => [place, 'bpftrace: no']));
      const { probes } = makePlan(kernel(), { refused });
      const { kind, reason } = probes.find(({ event }) => event === 'umap_fault') ?? {};
      return [kind, reason];
    };
    expect(how('fexit:ib_uverbs:rdma_umap_fault')[0]).toBe('kretprobe');
    expect(how('fexit:ib_uverbs:rdma_umap_fault', 'kprobe:ib_uverbs:rdma_umap_fault')).toEqual([
      null,
      'bpftrace: no',
    ]);
  });

  it('attaches again what came with a module, what has another address, and who keeps what another reads', () => {
    const core = new Set(['wake_up_new_task']);
    const module = (name: string) =>
      core.has(name) ? 'vmlinux' : /^rxe_|^rvt_/.test(name) ? 'rdma_rxe' : 'ib_uverbs';
    const at = (address: string): Kernel => ({
      ...kernel([], false),
      symbol: (name) => ({ name, address: name === 'rdma_umap_ops' ? address : 'f', module: module(name) }),
    });
    const { attachments } = makePlan(at('a'));
    const places = (fresh: Kernel, came: string[]) =>
      attachmentsAgain(attachments, makePlan(fresh), new Set(came)).map(({ place }) => place);
    expect(places(at('a'), [])).toEqual([]);
    expect(places(at('a'), ['rdma_rxe'])).toEqual([
      'kprobe:rdma_rxe:rxe_vma_open',
      'kprobe:rdma_rxe:rvt_vma_open',
      'kprobe:rdma_rxe:rxe_vma_close',
      'kprobe:rdma_rxe:rvt_vma_close',
      'kprobe:wake_up_new_task',
    ]);
    expect(places(at('a'), ['ib_uverbs'])).toContain('kprobe:wake_up_new_task');
    expect(places(at('b'), [])).toContain('kprobe:ib_uverbs:zap_special_vma_range');
  });

  it('reads the maps where the task_vma iterator is not safe', () => {
    const { snapshots, probes } = makePlan(kernel(['bpf_iter_seq_task_vma_info.mm']));
    expect(placesOf(snapshots)).toEqual([['kprobe:show_map'], ['iter:task_file', 'kprobe:show_fd_locks']]);
    expect(probes.find(({ event }) => event === 'snapshot_vma')).toMatchObject({
      function: 'show_map',
      kind: 'kprobe',
      reason: expect.stringContaining('not safe'),
    });
    expect(makePlan(kernel(['bpf_iter_seq_task_vma_info.mm', 'show_map'])).snapshots).toHaveLength(1);
  });

  it('reads the maps where bpftrace has no task_vma iterator', () => {
    const { snapshots } = makePlan(kernel(), { iterators: new Set(['task', 'task_file']) });
    expect(placesOf(snapshots)[0]).toEqual(['kprobe:show_map']);
  });

  it('prints a line of an iterator in pieces, and one of a kprobe whole', () => {
    const isWhole = (missing: readonly string[]): boolean => {
      const body = makePlan(kernel(missing)).snapshots[0]?.[0]?.attachment.body;
      const [line = ''] = body?.match(/printf\("S .*?"/) ?? [];
      expect(line).toContain('%llx');
      return line.endsWith('\\n"');
    };
    expect(isWhole([])).toBe(false);
    expect(isWhole(['bpf_iter_seq_task_vma_info.mm'])).toBe(true);
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

  it('tells the cgroup of a task where the kernel has any', () => {
    const body = (place: string, missing: readonly string[] = []) =>
      makePlan(kernel(missing)).attachments.find((each) => each.place.endsWith(`:${place}`))?.body;
    const eight = (base: string): string => `*(uint64*)(${base} + 8)`;
    expect(body('rdma_user_mmap_io')).toMatch(/, cgroup\);$/m);
    expect(body('wake_up_new_task')).toContain(`, ${eight(eight(eight(eight('$child'))))});`);
    expect(body('rdma_user_mmap_io', ['css_set.dfl_cgrp'])).toMatch(/, \(uint64\)0\);$/m);
    expect(body('wake_up_new_task', ['css_set.dfl_cgrp'])).toContain(', (uint64)0);');
  });

  it('leaves no word of the templates in a program', () => {
    for (const plan of [makePlan(kernel()), makePlan(kernel([], false))]) {
      const { text } = makeProgram(plan, kernel(), '{"x":"100%"}');
      expect(text).not.toMatch(
        /\b(ARG|CTX|U64|U32|STR32|OWNER|CGROUP|OFFSET|SYMBOL|VALUE64|VALUE32|ARCH|OPTIONAL|EMIT|USE)\(|\bRET\b/,
      );
      expect(text).toContain('printf("{\\"x\\":\\"100%%\\"}\\n")');
    }
  });
});

describe('leftInside', () => {
  it('reads the calls that had not returned when bpftrace ended', () => {
    const printed = 'X 1 2\n@in_ib_uverbs_mmap[4711]: (18446612686396198912, 5, 99000000001)\n@n[0]: 7\n';
    expect(leftInside(printed)).toEqual([{ function: 'ib_uverbs_mmap', tid: 4711, since: 99_000_000_001n }]);
  });

  it('finds none where none is kept', () => {
    expect(leftInside('@n[0]: 7\n@in_x[1]: 5\n')).toEqual([]);
  });
});
