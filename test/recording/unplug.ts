/** A device is removed under a parent and its child, which both touch what they had mapped. */
import {
  CGROUP,
  close,
  device,
  fault,
  fork,
  free,
  kernel,
  type Mapping,
  mmapIo,
  open,
  PAGE,
  removeBegin,
  removeEnd,
  Sample,
  teardownBegin,
  teardownEnd,
  ucontextEnd,
  umapClose,
  umapOpen,
  zap,
  zappingBegin,
  zappingEnd,
} from './sample.ts';

const parent = { pid: 312, comm: 'unplug' };
const child = { pid: 313, comm: 'unplug' };
const remover = { pid: 320, comm: 'rdma' };
const tracer = { pid: 300, comm: 'umaptrace' };

/** A cgroup whose path is not told. */
const NAMELESS = CGROUP + 1;
const MM = kernel(0xa000);
const CHILD_MM = kernel(0xb000);
const START = 0x7f31c5a00000;

const mapping = (number: number, mm: string, page: number, pages: number): Mapping => ({
  vma: kernel(0x100 * number),
  mm,
  start: START + page * PAGE,
  pages,
  umap: kernel(0x100 * number + 0x80),
});

const first = mapping(1, MM, 0, 4);
const second = mapping(2, MM, 4, 2);
const firstCopy = mapping(3, CHILD_MM, 0, 4);
const secondCopy = mapping(4, CHILD_MM, 4, 2);

export const unplug = (): Sample =>
  new Sample()
    .tell(0, tracer, device())
    .tell(120, parent, open())
    .cgroup(CGROUP, '/test.slice/unplug.service')
    .tell(1_500, parent, mmapIo(first, 0xfd000))
    .tell(1_620, parent, mmapIo(second, 0xfd004))
    .tell(2_000, parent, umapOpen(firstCopy, first))
    .tell(2_004, parent, umapOpen(secondCopy, second))
    .tell(2_100, parent, fork(CHILD_MM, child.pid, NAMELESS))
    .tell(1_002_000, remover, removeBegin())
    .tell(1_004_500, remover, teardownBegin())
    .tell(1_204_500, remover, zappingBegin())
    .tell(1_204_598, remover, zap(second, 3_400))
    .tell(1_204_602, remover, zap(first, 2_100))
    .tell(1_254_700, remover, zap(secondCopy, 3_000))
    .tell(1_254_705, remover, zap(firstCopy, 1_900))
    .tell(1_254_720, remover, zappingEnd())
    .tell(1_254_800, remover, ucontextEnd())
    .tell(1_254_900, remover, teardownEnd())
    .tell(1_255_000, remover, removeEnd())
    .tell(1_300_000, parent, fault(first, START, false))
    .tell(1_300_100, child, fault(firstCopy, START + PAGE, true, '2'))
    .tell(1_400_000, child, umapClose(firstCopy, 0))
    .tell(1_400_010, child, umapClose(secondCopy, 0))
    .tell(1_500_000, parent, umapClose(first, 1))
    .tell(1_500_010, parent, umapClose(second, 1))
    .tell(1_500_100, parent, close())
    .tell(1_500_110, parent, free())
    .end(2_000_000);
