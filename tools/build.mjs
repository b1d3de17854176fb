#!/usr/bin/env node
// `npm run build`: TypeScript to dist/ and the workflow bundle, installing the dependencies first if need be.
import { prepare } from './bootstrap/bootstrap.mjs';

try {
  await prepare();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
