/** What page tables map after a disassociation, as an iterator read them. */
import type { AuditEvent, AuditFailedEvent } from '../event/events.gen.ts';
import type { Disassociation } from './model.ts';
import { countPages } from './pages.ts';
import type { Parts } from './parts.ts';
import type { LiveVma } from './vma.ts';

/**
 * The page tables of a VMA were read, a while before the time of this event. It counts when the VMA is still the one that was read,
 * and should have been revoked by then: mapped before a disassociation that had ended. After a reset new mappings are
 * right, after a removal there should be none.
 */
export function audited(parts: Parts, event: AuditEvent): void {
  const vma = parts.vmas.get(event.vma);
  const read = event.ns - event.age;
  if (vma === undefined || vma.kind === 'driver' || !isSame(vma, event, read)) return;
  const disassociation = vma.ufile.disassociated;
  const ended = disassociation?.ended?.ns;
  if (!disassociation || ended === undefined || ended > read) return;
  const due = isDue(vma, disassociation);
  if (!due && disassociation.kind === 'reset') return;
  if (!vma.tracked && vma.pfn === null && vma.ram === null && event.proven === 1 && event.special > 0)
    vma.ram = parts.ram.has(event.frame);
  const counts = countPages(event, vma.pfn, vma.ram === true);
  if (due) settle(vma, counts, disassociation);
  const entry = counts.device > 0 ? event.entry : '0';
  parts.changes.tell({ what: 'vma-audited', event, vma, ...counts, entry, delay: read - ended });
}

/** The iterator did not come to an end. */
export function auditFailed({ changes }: Parts, event: AuditFailedEvent): void {
  changes.tell({ what: 'audit-failed', event, took: event.took, known: event.known === 1 });
}

function isSame(vma: LiveVma, event: AuditEvent, read: number): boolean {
  const { mm, ufile, origin } = vma;
  if (mm.pointer !== event.mm || ufile.pointer !== event.ufile || origin.event.ns > read) return false;
  return vma.exact && vma.start === event.start && vma.end === event.end;
}

/** Whether the mapping, or what it was copied from, was there when the zapping began. */
function isDue(vma: LiveVma, { zapping, teardown }: Disassociation): boolean {
  const begun = zapping ?? teardown;
  return vma.revoked || (begun !== null && vma.mapped < begun.ns);
}

function settle(
  vma: LiveVma,
  { device, unknown }: { readonly device: number; readonly unknown: number },
  { id }: Disassociation,
): void {
  if (device > 0) vma.state = 'escaped';
  else if (unknown === 0 && vma.state !== 'zapped') {
    vma.state = 'zapped';
    vma.zappedBy = id;
  }
}
