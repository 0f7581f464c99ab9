/** Who descends from whom. */
import type { Model } from './model.ts';

/** Parents of a VMA, the nearest first. */
export function ancestors(model: Model, vma: number): number[] {
  const found: number[] = [];
  for (let at = model.parent(vma); at >= 0 && !found.includes(at); at = model.parent(at)) found.push(at);
  return found;
}

/** 1 for a VMA, all that it descends from, and all that descend from it. */
export function lineage(model: Model, vma: number): Uint8Array {
  const lit = new Uint8Array(model.count);
  for (const ancestor of ancestors(model, vma)) lit[ancestor] = 1;
  const open = [vma];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    lit[at] = 1;
    for (const child of model.childrenOf(at)) if (lit[child] === 0) open.push(child);
  }
  return lit;
}
