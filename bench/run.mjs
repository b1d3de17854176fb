#!/usr/bin/env node
// `npm run bench:<name>`: works in a fresh clone, see bench/<name>.ts for what follows.
import { prepareAndRun } from '../tools/bootstrap/bootstrap.mjs';

const [, , name = 'intake'] = process.argv;
await prepareAndRun(`bench/${name}.js`);
