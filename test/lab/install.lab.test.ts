import { copyFile, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, openLab } from '../../lab/boot.ts';
import { showProgress } from '../../lab/progress.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A guest without Node: it has only what is brought along. */
let bare: Lab;
let lab: Lab;
beforeAll(async () => {
  [bare, lab] = await Promise.all([
    openLab({ node: false, progress: showProgress() }),
    openLab({ progress: showProgress() }),
  ]);
});
afterAll(async () => {
  await Promise.all([bare?.close(), lab?.close()]);
});

describe('as it gets to other machines', () => {
  it('npm pack, npm install -g of the tarball', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'umaptrace-pack-'));
    await execa('npm', ['pack', '--pack-destination', folder], { cwd: root });
    const [tarball = ''] = await readdir(folder);
    await execa('npm', [
      'install',
      '-g',
      '--offline',
      '--prefix',
      join(lab.share, 'prefix'),
      join(folder, tarball),
    ]);
    const recorded = await lab.run([
      '/share/prefix/bin/umaptrace',
      'record',
      '-o',
      '/share/pack.rec',
      '--',
      'lifecycle',
    ]);
    expect(recorded.status, recorded.stderr).toBe(0);
    const reported = await lab.run(['/share/prefix/bin/umaptrace', 'report', '/share/pack.rec']);
    expect(reported.stdout).toMatch(/V1 +mmap/);
  });

  it('the single executable, in a guest without Node', async () => {
    await execa('npm', ['run', 'build:exe'], { cwd: root });
    await copyFile(join(root, 'dist/exe/umaptrace'), join(bare.share, 'umaptrace'));
    expect((await bare.run(['sh', '-c', 'command -v node'])).status).not.toBe(0);
    const recorded = await bare.run([
      '/share/umaptrace',
      'record',
      '-o',
      '/share/exe.rec',
      '--',
      'lifecycle',
    ]);
    expect(recorded.status, recorded.stderr).toBe(0);
    expect((await bare.run(['/share/umaptrace', 'report', '/share/exe.rec'])).stdout).toMatch(/V1 +mmap/);
  });
});
