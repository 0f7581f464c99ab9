#!/usr/bin/env node
/**
 * Runs dist/umaptrace.cjs from what V8 made of it when it was built: to compile it anew is a part of each start that is felt on a slow
 * machine. Where another Node was built with, it is compiled.
 */
'use strict';
const { existsSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

const bundle = join(__dirname, '../dist/umaptrace.cjs');
const compiled = join(__dirname, `../dist/umaptrace.${process.version}-${process.arch}.v8`);
const script = new Script(readFileSync(bundle, 'latin1'), {
  filename: bundle,
  ...(existsSync(compiled) && { cachedData: readFileSync(compiled) }),
});
script.runInThisContext()(require, dirname(bundle));
