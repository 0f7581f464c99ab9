/**
 * usage: node compile.cjs BUNDLE COMPILED 'WORD...'...: runs the bundle once with each of these command lines, then keeps what V8 has
 * compiled of it.
 */
'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const { dirname } = require('node:path');
const { Script } = require('node:vm');

const [node, , bundle, compiled, ...lines] = process.argv;
const script = new Script(readFileSync(bundle, 'latin1'), { filename: bundle });
process.on('exit', () => {
  writeFileSync(compiled, script.createCachedData());
  process.exitCode = 0; // what they come to depends on this machine
});
for (const line of lines) {
  process.argv = [node, bundle, ...line.split(' ')];
  script.runInThisContext()(require, dirname(bundle));
}
