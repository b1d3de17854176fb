import { listenProblem } from '../servers/ports.js';
import { PORT_VARIABLES, type Ports, type Settings } from './settings.js';

/** Takes the ports that are about to be used. Returns null when all are free, else the message for the terminal. */
export async function portProblem(
  settings: Settings,
  names: readonly (keyof Ports)[],
): Promise<string | null> {
  const messages: string[] = [];
  for (const name of names) {
    const host = name === 'api' ? settings.host : '127.0.0.1';
    const problem = await listenProblem(host, settings.ports[name]);
    if (problem !== null) messages.push(portMessage(name, host, settings.ports[name], problem));
  }
  return messages.length === 0 ? null : messages.join('\n');
}

/** The message for one port; `problem` is the system's reason for refusing it. */
export function portMessage(name: keyof Ports, host: string, port: number, problem: string): string {
  const { variable, what } = PORT_VARIABLES[name];
  if (problem === 'EADDRINUSE') {
    return `Port ${port}, wanted for ${what}, is in use by another program. End that program, or choose another port: ${variable}=${port + 100} npm start`;
  }
  if (problem === 'EADDRNOTAVAIL') return `HOST=${host} is no address of this machine.`;
  return `Port ${port}, wanted for ${what}, cannot be used (${problem}). Choose another one with ${variable}.`;
}
