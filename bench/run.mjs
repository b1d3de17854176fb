#!/usr/bin/env node
// `npm run bench:intake`: works in a fresh clone, see bench/intake.ts for what follows.
import { prepareAndRun } from '../tools/bootstrap/bootstrap.mjs';

await prepareAndRun('bench/intake.js');
