/** node tools/run.js lab/prepare.ts: builds what guests of the default kernel are made of, where it is missing. */
import { prepare } from './boot.ts';
import { showProgress } from './progress.ts';

await prepare({ progress: showProgress() });
