/** usage: node compile.cjs BUNDLE COMPILED WORD...: runs the bundle with these words, then keeps what V8 has compiled of it. */
'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const { dirname } = require('node:path');
const { Script } = require('node:vm');

const [node, , bundle, compiled, ...words] = process.argv;
process.argv = [node, bundle, ...words];
const script = new Script(readFileSync(bundle, 'latin1'), { filename: bundle });
process.on('exit', () => writeFileSync(compiled, script.createCachedData()));
script.runInThisContext()(require, dirname(bundle));
