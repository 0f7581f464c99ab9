import { type Check, ok, warning } from './check.ts';
import type { OwnedPath, ProcessFacts } from './facts.ts';

const BY_GROUP = 0o020;
const BY_OTHERS = 0o002;
const STICKY = 0o1000;

/** Who, other than root and the user who called sudo, can change or replace it; null: nobody. */
function whoElse({ uid, gid, mode }: OwnedPath, { caller }: ProcessFacts): string | null {
  if (uid !== 0 && uid !== caller) return `uid ${uid}`;
  // What is in a sticky folder can be replaced only by its owner. (Libraries and programs are never sticky.)
  if ((mode & STICKY) !== 0) return null;
  if ((mode & BY_OTHERS) !== 0) return 'anybody';
  return (mode & BY_GROUP) !== 0 && gid !== 0 ? `group ${gid}` : null;
}

export const programs: Check = {
  name: 'programs',
  looksAt:
    'owner and mode of umaptrace, node, bpftrace, what they run, the folders above all that, and before it on PATH',
  warns: true,
  judge({ process, programs: paths }) {
    const open = paths.flatMap((owned) => {
      const who = whoElse(owned, process);
      return who === null ? [] : [{ path: owned.path, who }];
    });
    const [first] = open;
    if (first === undefined) return ok('only root, or who called sudo, can change what root would run');
    return warning(open.map(({ path, who }) => `${path} can be changed by ${who}`).join(', '), {
      cost: 'whoever changes it has what they want run by root',
      mend: `chown root ${first.path} && chmod go-w ${first.path}`,
    });
  },
};
