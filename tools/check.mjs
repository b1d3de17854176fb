#!/usr/bin/env node
// `npm run check`: types, format, lint, unused code and all tests that need no server, see tools/test/check.ts.
import { prepareAndRun } from './bootstrap/bootstrap.mjs';

await prepareAndRun('tools/test/check.js', { tolerateTypeErrors: true });
