// The documents as data: their text, sections, links and the names that they promise.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { projectRoot } from '../servers/project-root.js';

export interface Document {
  /** Relative to the project's folder. */
  readonly path: string;
  readonly text: string;
}

/** Returns every document of the project, sorted by path. */
export function allDocuments(): readonly Document[] {
  const top = readdirSync(projectRoot).filter((name) => name.endsWith('.md'));
  const nested = filesUnder('docs', '.md');
  return [...top, ...nested, 'simulator/README.md'].sort().map((path) => ({ path, text: read(path) }));
}

/** Takes a path relative to the project's folder; returns the file's text. */
export function read(path: string): string {
  return readFileSync(join(projectRoot, path), 'utf8');
}

/** Takes folders; returns the text of every source file in them that is no test. */
export function sources(...folders: readonly string[]): readonly Document[] {
  return folders
    .flatMap((folder) => filesUnder(folder, '.ts'))
    .filter((path) => !path.endsWith('.test.ts'))
    .map((path) => ({ path, text: read(path) }));
}

function filesUnder(folder: string, extension: string): string[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension))
    .map((name) => join(folder, name))
    .sort();
}

/** Takes a document and a heading of the second level; returns the text under it, up to the next of that level. */
export function section(document: Document, heading: string): string {
  const begin = document.text.indexOf(`\n## ${heading}\n`);
  if (begin < 0) throw new Error(`${document.path} has no section "${heading}"`);
  const end = document.text.indexOf('\n## ', begin + 1);
  return document.text.slice(begin, end < 0 ? undefined : end);
}

/** Takes a text; returns the codes that it has an entry for: a heading `#### \`code\`` or a row that begins with it. */
export function entries(text: string): readonly string[] {
  return [...text.matchAll(/^(?:#### |\| )`([a-z_]+)`/gm)].map((match) => match[1] ?? '');
}

/** Takes a document; returns its relative links that lead nowhere: no such file, or no such heading in it. */
export function brokenLinks({ path, text }: Document): readonly string[] {
  const links = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? join(projectRoot, path) : resolve(projectRoot, dirname(path), file);
    if (!existsSync(target) || relative(projectRoot, target).startsWith('..')) return true;
    return anchor !== undefined && !anchors(readFileSync(target, 'utf8')).has(anchor);
  });
}

/** Headings as GitHub makes anchors of them: lower case, punctuation dropped, each space a hyphen. */
function anchors(text: string): ReadonlySet<string> {
  const headings = [...withoutCode(text).matchAll(/^#{1,6} (.+)$/gm)].map((match) => match[1] ?? '');
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    ),
  );
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '');
}

/** Takes a document; returns the scripts that it tells the reader to run, as `start`, `test` or what follows `npm run`. */
export function namedScripts({ text }: Document): readonly string[] {
  const run = [...text.matchAll(/\bnpm run (?:-s )?([a-z][a-z:-]*)/g)].map((match) => match[1] ?? '');
  const short = [...text.matchAll(/\bnpm (start|test)\b/g)].map((match) => match[1] ?? '');
  return [...new Set([...run, ...short])];
}

/** Takes a document; returns the files and folders of the project that it names in backticks. */
export function namedPaths({ text }: Document): readonly string[] {
  const named = text.matchAll(/`((?:src|workflows|activities|simulator|tools|test|docs|bench)\/[\w./*-]*)`/g);
  return [...new Set([...named].map((match) => match[1] ?? ''))].filter((path) => !path.includes('*'));
}
