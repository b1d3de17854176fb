#!/usr/bin/env node
// `npm run screenshots`: the pictures of the desk that the documents show, see tools/screenshots/main.ts.
import { prepareAndRun } from './bootstrap/bootstrap.mjs';

await prepareAndRun('tools/screenshots/main.js');
