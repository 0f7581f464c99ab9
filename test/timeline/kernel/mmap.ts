import type { Kernel } from './kernel.ts';
import { cgroupOf, type Mm, PAGE, type Task, type Ufile, type Vma } from './objects.ts';
import { DRIVER_OPS, UMAP_OPS } from './rdma.ts';

/** io: through rdma_user_mmap_io. siw: rdma_umap_ops without a umap. rxe: vm_ops of its own. */
export type MmapHow = 'io' | 'siw' | 'rxe' | 'rxe-inlined';
/** refused: by rdma_user_mmap_io. stillborn: after it returned 0. early: before it was called. */
export type MmapFailure = 'refused' | 'stillborn' | 'early';

const EINVAL = 22;
const IO_FLAGS = '40444fb';
const DRIVER_FLAGS = '40400fb';
const FIRST_PFN = 0x10_0000;

/** What is asked of mmap. */
export interface Request {
  readonly ufile: Ufile;
  readonly start: number;
  readonly pages: number;
  readonly how?: MmapHow;
  readonly failure?: MmapFailure | undefined;
}

/** mmap of a ufile, MAP_FIXED: what lay there is closed first, whether or not the rest succeeds. */
export function mmap(kernel: Kernel, current: Task, request: Request): void {
  const { ufile, start, pages, how = 'io' } = request;
  const { mm } = kernel.process(current.pid);
  kernel.memory.munmap(current, mm, start, start + pages * PAGE);
  const vma = kernel.memory.alloc(draft(mm, ufile, start, pages, how, kernel.offset(pages)));
  const failure = ufile.ucontext === null || ufile.tearing ? 'early' : request.failure;
  tell(kernel, current, vma, how, failure);
  if (failure === undefined) {
    ufile.files += 1;
    kernel.memory.link(vma);
    return;
  }
  if (vma.umap !== null) ufile.umaps.delete(vma.umap);
  kernel.memory.free(vma);
}

function draft(
  mm: Mm,
  ufile: Ufile,
  start: number,
  pages: number,
  how: MmapHow,
  pgoff: number,
): Omit<Vma, 'pointer'> {
  const io = how === 'io';
  return {
    mm,
    ufile,
    ops: io || how === 'siw' ? 'umap' : 'driver',
    start,
    end: start + pages * PAGE,
    pgoff,
    flags: io ? IO_FLAGS : DRIVER_FLAGS,
    umap: null,
    dontfork: false,
    kind: io ? 'io' : 'driver',
    cause: 'mmap',
    parent: null,
    born: 0,
    pfn: io ? FIRST_PFN + pgoff : null,
    reaches: true,
  };
}

/** What the probes tell: of IO memory the return of rdma_user_mmap_io, of all else that of ib_uverbs_mmap. */
function tell(
  { log, rdma }: Kernel,
  current: Task,
  vma: Vma,
  how: MmapHow,
  failure: MmapFailure | undefined,
): void {
  const { ufile, mm, start, end, pgoff, flags } = vma;
  const place = { vma: vma.pointer, mm: mm.pointer, start, end, pgoff, flags, ufile: ufile.pointer };
  const { rdev } = ufile.device;
  const { owner } = mm;
  const cgroup = cgroupOf(current.pid);
  if (how === 'io' && failure !== 'early') {
    const refused = failure === 'refused';
    const umap = refused ? '0' : rdma.track(vma).pointer;
    const body = {
      pfn: vma.pfn ?? 0,
      size: end - start,
      umap,
      ucontext: ufile.ucontext ?? '0',
      rdev,
      owner,
      cgroup,
    };
    vma.born = log.tell(current, { what: 'mmap_io', ret: refused ? -EINVAL : 0, ...place, ...body });
  }
  if (how === 'rxe' && failure === undefined) log.tell(current, { what: 'driver_open', ...place });
  if (how !== 'io' || failure !== undefined) {
    const ops = vma.ops === 'umap' ? UMAP_OPS : DRIVER_OPS;
    const ret = failure === undefined ? 0 : -EINVAL;
    vma.born = log.tell(current, {
      what: 'mmap',
      ret,
      ...place,
      rdev,
      ops,
      private: '0',
      owner,
      pfn: 0,
      cgroup,
    });
  }
}
