import type { Cgroups } from './cgroups.ts';
import type { Changes } from './changes.ts';
import type { Closing } from './closing.ts';
import type { Disassociations } from './disassociations.ts';
import type { Mms } from './mms.ts';
import type { Parents } from './parents.ts';
import type { Ram } from './ram.ts';
import type { Stacks } from './stacks.ts';
import type { Ufiles } from './ufiles.ts';
import type { Vmas } from './vmas.ts';

/** What the engine keeps; the functions that apply one kind of event work on it. */
export interface Parts {
  readonly changes: Changes;
  readonly ufiles: Ufiles;
  readonly mms: Mms;
  readonly vmas: Vmas;
  readonly closing: Closing;
  readonly parents: Parents;
  readonly disassociations: Disassociations;
  readonly stacks: Stacks;
  readonly ram: Ram;
  readonly cgroups: Cgroups;
}
