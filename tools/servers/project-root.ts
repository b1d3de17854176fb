import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone's folder, from the sources as well as from dist/ (which holds no package.json). */
export const projectRoot: string = folderWithPackageJson(dirname(fileURLToPath(import.meta.url)));

function folderWithPackageJson(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder)
    throw new Error('The tools do not lie inside the project: no package.json above them.');
  return folderWithPackageJson(parent);
}
