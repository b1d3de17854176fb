// The command line of `npm start`.

export type Options =
  | { readonly kind: 'run'; readonly empty: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'invalid'; readonly message: string };

/** Takes the arguments after the program's name. */
export function parseOptions(args: readonly string[]): Options {
  let empty = false;
  for (const arg of args) {
    if (arg === '--help' || arg === '-h') return { kind: 'help' };
    if (arg !== '--empty')
      return { kind: 'invalid', message: `Unknown option ${arg}. npm start -- --help lists all.` };
    empty = true;
  }
  return { kind: 'run', empty };
}

export const HELP = `npm start [-- --empty]

Obtains and starts everything on this machine: MongoDB, Temporal with its Web UI, a mailbox, the IDWise simulator,
the API and the worker. Stops everything on Ctrl-C; a second Ctrl-C kills at once.

  --empty   do not play the small population of customers on the first start
  --help    this text

Every variable of the service may be set (README, "Environment"); what is missing is invented for the demo and kept
in demo.env of the data folder. A server that is named is used and never replaced:

  MONGODB_URI, TEMPORAL_ADDRESS, SMTP_URL   servers that run already; nothing is started for them
  IDWISE_BASE_URL                           the real IDWise; no simulator is started
  OIDC_ISSUER                               your identity provider; no sign-in of the demo is started
  MONGOD_BIN, TEMPORAL_CLI                  programs to run instead of the ones found or obtained

Ports and folder, with their defaults:

  HOST 127.0.0.1         PORT 3000              the API
  WORKER_HEALTH_PORT     3001                   the worker's health and metrics
  SIM_PORT               4100                   the IDWise simulator
  MONGOD_PORT            27117                  MongoDB
  TEMPORAL_PORT          7233                   Temporal
  TEMPORAL_UI_PORT       8233                   Temporal's Web UI
  MAIL_SMTP_PORT         1025                   the mailbox, receiving
  MAIL_UI_PORT           1080                   the mailbox, reading
  IDP_PORT               4200                   the sign-in of the demo
  DATA_DIR               .data                  data, logs, invented settings
`;
