// The first thing that runs in a fresh clone, before any dependency is installed.

const MINIMUM = [20, 19];

/**
 * Tells whether a Node version can run this project.
 * Takes a version as `process.versions.node` has it; returns null, or the sentence to print.
 */
export function nodeVersionProblem(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1])) return null;
  return `Node ${MINIMUM.join('.')} or newer is needed, this is ${version}. Install a current Node (for example "nvm install 22") and try again.`;
}
