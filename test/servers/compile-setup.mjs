// Before any test: compiled tools and a workflow bundle that is not older than its sources.
import { join } from 'node:path';
import { prepare, projectRoot } from '../../tools/bootstrap/bootstrap.mjs';

export default async function compileSetup() {
  if (process.env.PREPARED_PROJECT !== projectRoot)
    await prepare({ log: (line) => console.error(line), tolerateTypeErrors: true });
  process.env.TEST_WORKFLOW_BUNDLE = join(projectRoot, 'dist/workflow-bundle.js');
}
