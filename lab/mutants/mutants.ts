import type { Edit } from './edit.ts';

/** A kernel with one defect: ib_uverbs with an edit, for the lab's default kernel. */
export interface Mutant {
  readonly name: string;
  /** What is wrong with it, in a few words. */
  readonly defect: string;
  readonly edits: readonly Edit[];
}

const main = (at: string, put: string): Edit => ({ file: 'uverbs_main.c', at, put });
const core = (at: string, put: string): Edit => ({ file: 'rdma_core.c', at, put });

const ZAP_ALL = 'list_del_init(&priv->list); zap_vma_ptes(vma, vma->vm_start, vma->vm_end - vma->vm_start);';
const zapInstead = (zap: string): Edit => main(ZAP_ALL, `list_del_init(&priv->list);\n\t\t\t${zap}`);

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'first-mm-only',
    defect: 'of all mms, only the first has its VMAs zapped; the umaps of all are taken off the list',
    edits: [
      main('if (vma->vm_mm != mm) continue;', ''),
      zapInstead(
        'if (vma->vm_mm == mm)\n\t\t\t\tzap_vma_ptes(vma, vma->vm_start, vma->vm_end - vma->vm_start);',
      ),
    ],
  },
  {
    name: 'half-zapped',
    defect: 'only the first half of the pages of each VMA is zapped',
    edits: [zapInstead('zap_vma_ptes(vma, vma->vm_start, PAGE_ALIGN((vma->vm_end - vma->vm_start) / 2));')],
  },
  {
    name: 'zap-too-long',
    defect: 'each zap asks for a page more than the VMA has, so that it does nothing',
    edits: [zapInstead('zap_vma_ptes(vma, vma->vm_start, vma->vm_end - vma->vm_start + PAGE_SIZE);')],
  },
  {
    name: 'split-unlisted',
    defect: 'the umap of a VMA that was split off is not put on the list',
    edits: [
      main(
        'rdma_umap_priv_init(priv, vma, opriv->entry);',
        `rdma_umap_priv_init(priv, vma, opriv->entry);
	if (opriv->vma->vm_mm == vma->vm_mm && opriv->vma->vm_start <= vma->vm_start &&
	    opriv->vma->vm_end >= vma->vm_end) {
		mutex_lock(&ufile->umap_lock);
		list_del_init(&priv->list);
		mutex_unlock(&ufile->umap_lock);
	}`,
      ),
    ],
  },
  {
    name: 'fork-untracked',
    defect: 'a copy made by fork gets no umap',
    edits: [
      main(
        'priv = kzalloc(sizeof(*priv), GFP_KERNEL);',
        'priv = vma->vm_mm == current->mm ? kzalloc(sizeof(*priv), GFP_KERNEL) : NULL;',
      ),
    ],
  },
  {
    name: 'sigbus',
    defect: 'the touch of a VMA that was zapped gets SIGBUS, not the dummy page',
    edits: [
      main(
        'if (!priv) return VM_FAULT_SIGBUS;',
        'if (!priv || list_empty(&priv->list))\n\t\treturn VM_FAULT_SIGBUS;',
      ),
    ],
  },
  {
    name: 'zap-late',
    defect: 'the mappings are revoked after the ucontext was given back to the driver',
    edits: [
      core('uverbs_user_mmap_disassociate(ufile);', ''),
      core(
        'ib_dev->ops.dealloc_ucontext(ucontext);',
        'ib_dev->ops.dealloc_ucontext(ucontext);\n\tif (reason == RDMA_REMOVE_DRIVER_REMOVE)\n\t\tuverbs_user_mmap_disassociate(ufile);',
      ),
    ],
  },
  {
    name: 'mmap-unchecked',
    defect: 'mmap does not ask whether the device is being removed',
    edits: [
      main(
        'ucontext = ib_uverbs_get_ucontext_file(file);',
        'ucontext = smp_load_acquire(&file->ucontext);\n\tif (!ucontext)\n\t\tucontext = ERR_PTR(-EIO);',
      ),
    ],
  },
  {
    name: 'part-kept',
    defect: 'the umap of a VMA that is only a part of its entry stays on the list when the VMA is closed',
    edits: [
      main(
        'if (!priv) return;',
        'if (!priv || (priv->entry && priv->entry->npages != vma_pages(vma)))\n\t\treturn;',
      ),
    ],
  },
  {
    name: 'not-pfnmap',
    defect: 'VM_PFNMAP is cleared by mmap, so that a zap does nothing',
    edits: [
      main(
        'ret = ucontext->device->ops.mmap(ucontext, vma);',
        'ret = ucontext->device->ops.mmap(ucontext, vma);\n\tif (!ret)\n\t\tvm_flags_clear(vma, VM_PFNMAP);',
      ),
    ],
  },
];

/** The mutant of a name. */
export function findMutant(name: string): Mutant {
  const mutant = MUTANTS.find((candidate) => candidate.name === name);
  if (mutant) return mutant;
  throw new Error(`no mutant "${name}"; there are ${MUTANTS.map((each) => each.name).join(', ')}`);
}
