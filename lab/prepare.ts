/** node tools/run.js lab/prepare.ts KERNEL...: builds what guests of these kernels are made of, one after the other. */
import { prepare } from './boot.ts';
import { showProgress } from './progress.ts';

const progress = showProgress();
for (const kernel of process.argv.slice(2)) await prepare({ kernel, progress });
