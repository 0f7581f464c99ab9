/** A large recording, made quickly: many processes, each with forks, zaps, touches and ends. */

import { textWords } from '../../src/event/words.ts';
import { jsonLine } from '../../src/recording/format.ts';
import { CGROUP, HEADER, kernel, ORIGIN } from '../recording/sample.ts';

const PAGE = 4096;
const [first = '0', second = '0'] = textWords('storm', 2);

class Lines {
  readonly lines: string[] = [jsonLine(HEADER)];
  #seq = 0;

  tell(tag: string, ns: number, pid: number, ...fields: readonly (string | number)[]): void {
    this.#seq++;
    const words = [0, this.#seq, ORIGIN + BigInt(Math.round(ns)), pid, pid].map((word) => word.toString(16));
    const rest = fields.map((field) => (typeof field === 'number' ? field.toString(16) : field));
    this.lines.push(`${[tag, ...words, first, second, ...rest].join(' ')}\n`);
  }
}

const UFILE = kernel(0x1000);
const RDEV = (231 << 20) | 192;
const FLAGS = '140644fb';

/** The bytes of a recording with so many VMAs, of which a third is alive at the same time. */
export function large(vmas: number, perProcess = 500): Buffer {
  const out = new Lines();
  out.tell('FO', 0, 100, 0, UFILE, RDEV, CGROUP);
  const place = (vma: number) => {
    const start = 0x7f00_0000_0000 + (vma % perProcess) * 4 * PAGE;
    const mm = kernel(0x10_0000 + Math.floor(vma / perProcess) * 0x1000);
    return { pid: 1000 + Math.floor(vma / perProcess), at: kernel(0x4000_0000 + vma * 0x100), mm, start };
  };
  const step = 10_000;
  const life = Math.ceil(vmas / 3);
  for (let now = 0; now < vmas + life; now++) {
    const ns = 1e6 + now * step;
    if (now < vmas) {
      const { pid, at, mm, start } = place(now);
      const umap = kernel(0x8000_0000 + now * 0x100);
      out.tell(
        'M',
        ns,
        pid,
        0,
        UFILE,
        RDEV,
        at,
        mm,
        start,
        start + 2 * PAGE,
        now,
        FLAGS,
        0xfd000,
        2 * PAGE,
        umap,
        '0',
        pid,
        CGROUP,
      );
    }
    const old = now - life;
    if (old < 0) continue;
    const { pid, at, mm, start } = place(old);
    const umap = kernel(0x8000_0000 + old * 0x100);
    if (old % 3 === 0) {
      out.tell('Z', ns + 100, 99, at, mm, start, 2 * PAGE, 900, start, start + 2 * PAGE, FLAGS, umap, UFILE);
      out.tell('T', ns + 2000, pid, at, mm, start, 0, 0, umap, UFILE);
    }
    out.tell('C', ns + 5000, pid, at, mm, start, start + 2 * PAGE, umap, 1, UFILE);
  }
  return Buffer.from(out.lines.join(''));
}
