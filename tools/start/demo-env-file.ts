// demo.env: what was invented for the demo, in the form that `node --env-file` and shells read. It holds secrets, so
// nobody else on the machine may read it.

import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

export type Variables = Readonly<Record<string, string>>;

const HEADER = `# Invented by npm start for the demo on this machine; never use these values in production.
# Delete a line to have it invented anew (not PII_KEY while data is kept: it opens the stored personal data).
`;

/** Takes the file's text; lines that are no assignment are ignored. */
export function parseDemoEnv(text: string): Variables {
  const variables: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const match = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trim());
    if (match?.[1] === undefined || match[2] === undefined) continue;
    variables[match[1]] = match[2].replace(/^'(.*)'$/, '$1');
  }
  return variables;
}

/** The text for the variables, sorted by name. No value may hold a line break or a single quote. */
export function formatDemoEnv(variables: Variables): string {
  const lines = Object.entries(variables)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => {
      if (/['\n]/.test(value))
        throw new Error(`${name} cannot be written to demo.env: it holds a quote or line break.`);
      return `${name}='${value}'`;
    });
  return `${HEADER}${lines.join('\n')}\n`;
}

/** The variables of the file at a path; none where there is no file. */
export function readDemoEnv(path: string): Variables {
  try {
    return parseDemoEnv(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** Writes the file whole, mode 0600. */
export function writeDemoEnv(path: string, variables: Variables): void {
  const draft = `${path}.new`;
  writeFileSync(draft, formatDemoEnv(variables), { mode: 0o600 });
  // The mode above counts only for a file that did not exist.
  chmodSync(draft, 0o600);
  renameSync(draft, path);
}
