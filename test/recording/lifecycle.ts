/** What can become of a mapping: hole, split, move, failed fork, mmap that fails, lost events, a driver's own VMA. */
import {
  CGROUP,
  close,
  device,
  driverClose,
  driverOpen,
  free,
  kernel,
  type Mapping,
  mmap,
  mmapIo,
  open,
  PAGE,
  Sample,
  umapClose,
  umapOpen,
} from './sample.ts';

const owner = { pid: 4711, comm: 'life\x1b[31mcycle' };
const tracer = { pid: 300, comm: 'umaptrace' };

const MM = kernel(0xa000);
const CHILD_MM = kernel(0xb000);
const START = 0x7f31c5a00000;

const mapping = (number: number, page: number, pages: number, mm = MM): Mapping => ({
  vma: kernel(0x100 * number),
  mm,
  start: START + page * PAGE,
  pages,
  umap: kernel(0x100 * number + 0x80),
});

const whole = mapping(1, 0, 4);
const below = mapping(2, 0, 1);
const above = mapping(3, 2, 2);
const moved = mapping(4, 100, 2);
const copy = mapping(5, 100, 2, CHILD_MM);
const queue = mapping(6, 200, 8);
const failed = mapping(7, 300, 1);

export const lifecycle = (): Sample =>
  new Sample()
    .tell(0, tracer, device())
    .tell(100, owner, open())
    .cgroup(CGROUP, '/kubepods/\u001b[31m<img src=x onerror=alert(1)>')
    .tell(200, owner, mmapIo(whole, 0xfd000))
    .tell(300, owner, umapOpen(below, whole))
    .tell(310, owner, umapOpen(above, { ...whole, start: START + PAGE, pages: 3 }))
    .tell(320, owner, umapClose({ ...whole, start: START + PAGE, pages: 1 }, 1))
    .tell(400, owner, umapOpen(moved, above))
    .tell(410, owner, umapClose(above, 1))
    .tell(500, owner, umapOpen(copy, moved))
    .tell(510, owner, umapClose(copy, 0))
    .tell(600, owner, driverOpen(queue))
    .tell(605, owner, mmap(queue, 0))
    .lose(3)
    .tell(700, owner, mmap(failed, -22))
    .tell(800, owner, driverClose(queue, 1))
    .tell(900, owner, umapClose(moved, 0))
    .tell(910, owner, umapClose(below, 0))
    .tell(1000, owner, close())
    .tell(1010, owner, free());
