import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { keyringHint, sourcesOf } from './archive.ts';
import { contained, environment, LabError } from './host.ts';
import { baseSuite } from './kernels.ts';

/** What the guest and the build trees can do without. */
const LEFT_OUT = [
  '/usr/share/doc/*',
  '/usr/share/man/*',
  '/usr/share/info/*',
  '/usr/share/locale/*',
  // The lab makes its own small initrd, so no kernel package needs to make one.
  '/etc/kernel/postinst.d/*',
];

/** The lines of mmdebstrap's log that tell a person how far it is. */
const STEP = /^I: ((?:running apt-get update|downloading|extracting|installing|cleaning)[^.]*)/;

type Tree = {
  readonly suite: string;
  readonly mirror: string;
  readonly packages: readonly string[];
  readonly folder: string;
  readonly say: (text: string) => void;
};

/** Installs packages of a suite, and all that they need, into a folder. */
export async function buildTree(tree: Tree): Promise<void> {
  const backports = tree.suite === baseSuite(tree.suite) ? [] : [`APT::Default-Release "${tree.suite}"`];
  const options = ['Acquire::Languages "none"', 'Acquire::Check-Valid-Until "false"', ...backports];
  const [file, args] = contained([
    'mmdebstrap',
    '--mode=root',
    '--variant=minbase',
    '--format=directory',
    '--hook-dir=/usr/share/mmdebstrap/hooks/maybe-merged-usr',
    ...options.map((option) => `--aptopt=${option}`),
    ...LEFT_OUT.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
    '--dpkgopt=force-unsafe-io',
    `--include=${tree.packages.join(',')}`,
    baseSuite(tree.suite),
    tree.folder,
    ...sourcesOf(tree.suite, tree.mirror),
  ]);
  const env = { ...environment, DEBIAN_FRONTEND: 'noninteractive' };
  const running = execa(file, args, {
    env,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    reject: false,
  });
  const log: string[] = [];
  for await (const line of createInterface({ input: running.stderr })) {
    log.push(line);
    const step = STEP.exec(line)?.[1];
    if (step) tree.say(step);
  }
  const result = await running;
  if (!result.failed) return;
  const hint = keyringHint(log.join('\n'));
  throw new LabError(`${tree.suite} could not be installed:\n${log.slice(-25).join('\n')}${hint}`);
}
