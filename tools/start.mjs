#!/usr/bin/env node
// `npm start`: works in a fresh clone, see tools/start/main.ts for what follows.
import { prepareAndRun } from './bootstrap/bootstrap.mjs';

await prepareAndRun('tools/start/main.js');
