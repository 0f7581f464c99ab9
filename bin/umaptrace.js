#!/usr/bin/env node
import '../dist/umaptrace.js';
