#!/usr/bin/env node
// `npm test`: works in a fresh clone, see tools/test/main.ts for what follows.
import { prepareAndRun } from './bootstrap/bootstrap.mjs';

await prepareAndRun('tools/test/main.js', { tolerateTypeErrors: true });
