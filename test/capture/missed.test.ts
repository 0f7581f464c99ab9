import { describe, expect, it } from 'vitest';
import { sumSkipped } from '../../src/capture/missed.ts';

const program = (type: number, misses: number): string =>
  `pos:\t0\nflags:\t02000002\nprog_type:\t${type}\nprog_tag:\t630ed22110f4e9b4\nprog_id:\t24\nrecursion_misses:\t${misses}\n`;
const link = (name: string, missed: number): string =>
  `pos:\t0\nlink_type:\tperf\nlink_id:\t1\nname:\t${name}\noffset:\t0x0\nmissed:\t${missed}\nevent_type:\tkretprobe\n`;

describe('sumSkipped', () => {
  it('adds up what programs and links tell, by kind and by function', () => {
    const texts = [program(2, 0), program(2, 3), program(26, 0), link('ib_uverbs_mmap', 2), link('zap', 0)];
    expect(sumSkipped(texts)).toEqual({
      'kprobe/kretprobe': 3,
      'fentry/fexit': 0,
      ib_uverbs_mmap: 2,
      zap: 0,
    });
  });

  it('reads a link to several functions that has one', () => {
    const text =
      'link_type:\tkprobe_multi\nlink_id:\t7\nkprobe_cnt:\t1\nmissed:\t4\ncookie\t func\n0\t zap_special_vma_range+0x0/0x30\n';
    expect(sumSkipped([text])).toEqual({ zap_special_vma_range: 4 });
  });

  it('says nothing of what the kernel does not tell', () => {
    expect(sumSkipped(['prog_type:\t2\nprog_id:\t17\n', 'map_type:\t1\n', ''])).toEqual({});
  });
});
