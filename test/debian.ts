/** Debian packages that tests need on the host. */
import { execFileSync } from 'node:child_process';

/** The command that installs a package. */
export const installCommand = (name: string): string => `apt-get install -y --no-install-recommends ${name}`;

/** Installs a package where that is possible: as root, with apt. For the set-up of a test run. */
export function installPackage(name: string): void {
  if (process.getuid?.() !== 0) return;
  const install = installCommand(name);
  execFileSync('sh', ['-c', `${install} || { apt-get update && ${install}; }`], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
