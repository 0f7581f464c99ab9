import { describe, expect, it } from 'vitest';
import { refusedPlaces } from '../../src/plan/refused.ts';

const PLACES = ['kprobe:rdma_umap_open', 'kretprobe:rdma_umap_open', 'fentry:ib_uverbs:rdma_umap_fault'];

/** What bpftrace 0.17.0, 0.23.2 and 0.27.0 said of probes that could not be attached, with the names of ours. */
describe('refusedPlaces', () => {
  it('0.17: the first, its cause before it', () => {
    const said = [
      'x.bt:1-2: WARNING: rdma_umap_open is not traceable (either non-existing, inlined, or marked as "notrace"); attaching to it will likely fail',
      'cannot attach kprobe, Invalid argument',
      "ERROR: Error attaching probe: 'kretprobe:rdma_umap_open'",
    ];
    expect(refusedPlaces(said, PLACES)).toEqual(
      new Map([['kretprobe:rdma_umap_open', 'bpftrace: cannot attach kprobe, Invalid argument']]),
    );
  });

  it('0.23: the first', () => {
    const said = ['Attaching 31 probes...', 'ERROR: Error attaching probe: kprobe:rdma_umap_open'];
    expect([...refusedPlaces(said, PLACES)]).toEqual([
      ['kprobe:rdma_umap_open', 'bpftrace: Error attaching probe: kprobe:rdma_umap_open'],
    ]);
  });

  it('0.27: all that do not exist, or the first that cannot be attached', () => {
    const said = [
      'stdin:2:1-22: ERROR: No matches for kprobe rdma_umap_open.',
      'kprobe:rdma_umap_open',
      '~~~~~~~~~~~~~~~~~~~~~',
      'stdin:9:1-24: ERROR: No matches for fentry ib_uverbs:rdma_umap_fault.',
      'fentry:ib_uverbs:rdma_umap_fault',
      '~~~~~~~~~~~~~~~~~~~~~~~',
    ];
    expect([...refusedPlaces(said, PLACES).keys()]).toEqual([
      'kprobe:rdma_umap_open',
      'fentry:ib_uverbs:rdma_umap_fault',
    ]);
    const attaching = [
      "ERROR: Unable to attach probe: kretprobe:rdma_umap_open. If this is expected, set the 'missing_probes' config variable to 'warn'.",
    ];
    expect([...refusedPlaces(attaching, PLACES).keys()]).toEqual(['kretprobe:rdma_umap_open']);
  });

  it('takes a probe whose module is left out', () => {
    const said = ["ERROR: Error attaching probe: 'kprobe:rdma_umap_open'"];
    expect([...refusedPlaces(said, ['kprobe:ib_uverbs:rdma_umap_open']).keys()]).toEqual([
      'kprobe:ib_uverbs:rdma_umap_open',
    ]);
  });

  it('takes neither warnings, nor probes of others, nor what a method as a whole lacks for a refusal', () => {
    const said = [
      'x.bt:1-2: WARNING: kprobe:rdma_umap_open is not traceable; attaching to it will likely fail',
      'ERROR: Error attaching probe: kprobe:version_proc_show',
      'x.bt:1:1-33: ERROR: fentry/fexit not available for your kernel version.',
      'x.bt:1:1-6: ERROR: syntax error, unexpected config, expecting {',
      '',
    ];
    expect(refusedPlaces(said, PLACES).size).toBe(0);
  });
});
