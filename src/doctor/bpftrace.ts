import { type Check, type Diagnosis, missing, ok, unknown } from './check.ts';

/** 0.11 refuses longer printf formats; nothing between the two has been tried. */
const OLDEST = [0, 17] as const;

const INSTALL = 'apt install bpftrace    (or dnf install bpftrace)';
const COST = 'nothing can be traced';

function isOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

/** What is to be said of a bpftrace of this version. */
export function judgeVersion(path: string, version: string): Diagnosis {
  if (!isOld(version)) return ok(`${path}, ${version}`);
  return missing(`${path} is ${version}, which is too old`, {
    cost: COST,
    mend: `put bpftrace ${OLDEST.join('.')} or later first on PATH: ${INSTALL}`,
  });
}

export const bpftrace: Check = {
  name: 'bpftrace',
  looksAt: 'PATH, bpftrace --version',
  judge({ bpftrace: found }) {
    if (found === null) return missing('bpftrace is not installed', { cost: COST, mend: INSTALL });
    const { path, version } = found;
    return version === null ? unknown(`${path}, not asked for its version`) : judgeVersion(path, version);
  },
};
