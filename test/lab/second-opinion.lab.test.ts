/** The same run recorded with kprobe events through trace-cmd, compared with our recording call by call. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Lab, openLab } from '../../lab/boot.ts';
import { showProgress } from '../../lab/progress.ts';
import { EventDecoder } from '../../src/event/codec.ts';
import { Origin } from '../../src/event/event.ts';
import type { UmapEvent } from '../../src/event/events.gen.ts';

/** $1: operations. BTF names the arguments, so nothing here is taken from our own probes. */
const SCRIPT = `
cd /sys/kernel/tracing
cat > /tmp/events <<'EVENTS'
p:umap/mmap_io rdma_user_mmap_io vma=vma:x64
r:umap/mmap_ret rdma_user_mmap_io ret=$retval:s32
p:umap/open rdma_umap_open vma=vma:x64
p:umap/close rdma_umap_close vma=vma:x64
p:umap/fault rdma_umap_fault vma=vmf->vma:x64 address=vmf->address:x64
p:umap/zap zap_vma_ptes vma=vma:x64 ops=vma->vm_ops:x64 address=address:x64 size=size:x64
EVENTS
cat /tmp/events > kprobe_events || { tail -3 error_log >&2; exit 95; }
rm -f /tmp/ready
umaptrace record --force -o /share/ours.rec --ready-file /tmp/ready & TRACE=$!
while [ ! -e /tmp/ready ]; do kill -0 $TRACE || exit 97; sleep 0.2; done
trace-cmd record -q -b 20000 -e umap -o /tmp/theirs.dat chaos --seed 7 --ops "$1" --terse --unplug > /share/chaos.truth 2> /share/trace-cmd.err || exit 96
kill -INT $TRACE; wait $TRACE || exit 94
trace-cmd report -q -t -i /tmp/theirs.dat > /share/theirs.txt
grep -w rdma_umap_ops /proc/kallsyms | cut -d' ' -f1 > /share/ops
echo > kprobe_events
`;

const CALL = /-(\d+)\s+\[\d+\].*?: +(mmap_io|mmap_ret|open|close|fault|zap): +\([^)]*\) ?(.*)$/;

interface TheirCall {
  readonly tid: number;
  readonly name: string;
  readonly fields: ReadonlyMap<string, string>;
}

function theirCalls(text: string): TheirCall[] {
  return text.split('\n').flatMap((line) => {
    const [, tid = '', name = '', rest = ''] = CALL.exec(line) ?? [];
    if (name === '') return [];
    const fields = Array.from(
      rest.matchAll(/(\w+)=(?:0x)?(-?\w+)/g),
      ([, key = '', value = '']): [string, string] => [key, value],
    );
    return [{ tid: Number(tid), name, fields: new Map(fields) }];
  });
}

/** Calls of each function, thread by thread, in the order of the thread. */
class Calls {
  readonly byThread = new Map<string, string[]>();
  count = 0;

  add(name: string, tid: number, ...fields: (string | number | undefined)[]): void {
    const key = `${name} ${tid}`;
    const calls = this.byThread.get(key) ?? [];
    calls.push(fields.join(' '));
    this.byThread.set(key, calls);
    this.count++;
  }
}

function theirs(calls: readonly TheirCall[], ops: string): Calls {
  const out = new Calls();
  const mapping = new Map<number, string>();
  for (const { tid, name, fields } of calls) {
    const vma = fields.get('vma') ?? '';
    if (name === 'mmap_io') mapping.set(tid, vma);
    else if (name === 'mmap_ret') out.add('mmap_io', tid, mapping.get(tid), fields.get('ret'));
    else if (name === 'fault') out.add(name, tid, vma, fields.get('address'));
    else if (name !== 'zap') out.add(name, tid, vma);
    else if (fields.get('ops') === ops) out.add(name, tid, vma, fields.get('address'), fields.get('size'));
  }
  return out;
}

function ours(events: readonly UmapEvent[]): Calls {
  const out = new Calls();
  const hex = (value: number): string => value.toString(16);
  for (const event of events) {
    if (event.what === 'mmap_io') out.add('mmap_io', event.tid, event.vma, event.ret);
    if (event.what === 'umap_open') out.add('open', event.tid, event.vma);
    if (event.what === 'umap_close') out.add('close', event.tid, event.vma);
    if (event.what === 'umap_fault') out.add('fault', event.tid, event.vma, hex(event.address));
    if (event.what === 'zap') out.add('zap', event.tid, event.vma, hex(event.address), hex(event.size));
  }
  return out;
}

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ progress: showProgress() });
});
afterAll(() => lab?.close());

it('trace-cmd saw the same calls: every function, every thread, in the same order', {
  retry: 0,
}, async () => {
  await writeFile(join(lab.share, 'opinion.sh'), SCRIPT);
  const result = await lab.run(['bash', '/share/opinion.sh', '700'], { timeoutSeconds: 400 });
  expect(result.status, result.stderr).toBe(0);
  const read = (name: string) => readFile(join(lab.share, name), 'latin1');
  const decoder = new EventDecoder(new Origin(0n));
  const events = (await read('ours.rec')).split('\n').flatMap((line, i) => decoder.decode(line, i + 1) ?? []);
  const mine = ours(events);
  const other = theirs(theirCalls(await read('theirs.txt')), (await read('ops')).trim());
  expect(mine.count).toBeGreaterThan(1000);
  expect(Object.fromEntries(mine.byThread)).toEqual(Object.fromEntries(other.byThread));
});
