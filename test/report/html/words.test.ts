import { describe, expect, it } from 'vitest';
import { entryText, stateOf } from '../../../src/report/html/page/words.ts';
import { device, kernel, mmapIo, open, PAGE, Sample, umapClose } from '../../recording/sample.ts';
import { render } from '../render.ts';
import { pageModel } from './page.ts';

const process = { pid: 66, comm: 'late' };
const mapping = {
  vma: kernel(0xf0),
  mm: kernel(0xa000),
  start: 0x7f31c5a00000,
  pages: 1,
  umap: kernel(0xf80),
};

describe('stateOf', () => {
  it('calls a VMA closed whose close is told with a time before its birth', () => {
    const moved = { ...mapping, start: mapping.start + 8 * PAGE };
    const sample = new Sample()
      .tell(10, process, open())
      .tell(1_000_000, process, mmapIo(mapping, 1))
      .tell(2_500_000, process, mmapIo(moved, 1))
      .tell(60_000_000, process, device())
      .tell(2_000_000, process, umapClose(moved, 1));
    const model = pageModel(render('html', sample.bytes));
    const v2 = model.find(2);
    expect(model.data.vmas.lived[v2]).toBeLessThan(0);
    expect(stateOf(model, v2)).toBe('closed');
    expect(model.history(v2).map((entry) => entryText(model, v2, entry))).toContain(
      'mmap  0x7f31c5a08000 1p',
    );
  });
});
