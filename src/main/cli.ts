import { Command } from 'commander';
import { auditCommands } from '../cli/audit-commands.js';
import { idwiseCheck } from '../cli/idwise-check.js';
import { addOperatorCommands } from '../cli/operator-program.js';
import { addRolloverCommand } from '../cli/rollover-command.js';
import { configOrExit, readIdwiseEnvironment } from '../config/environment.js';
import { createIdwiseClient } from '../idwise/client.js';

/**
 * Entry point of `npm run cli`: the operator's commands. Each exits with 0 when all is well and with 1 otherwise; those
 * that talk to a running service with 2 where it cannot be asked.
 */
const program = new Command('npm run cli --')
  .description(
    'Operator’s commands of the IDWise customer backend. They read the environment, as the service does. Those about events and customers ask a running service: SERVICE_URL (http://127.0.0.1:3000), OPERATOR_KEY (a key of its OPERATOR_KEYS; unset: that of the demo in .data).',
  )
  .option(
    '--env-file <path>',
    'variables to add to the environment, for instance .data/demo.env of npm start',
  )
  .hook('preAction', (command) => {
    const { envFile } = command.opts<{ envFile?: string }>();
    if (envFile !== undefined) addVariables(envFile);
  })
  .showHelpAfterError();

program
  .command('idwise')
  .description('IDWise: test the account that this service is configured for')
  .command('check')
  .description('try credentials, every reading path and the parsing with one journey; says what to mend')
  .argument('<journeyId>', 'a journey of the account, best a finished one')
  .action(async (journeyId: string) => {
    const { idwise } = configOrExit(readIdwiseEnvironment(process.env));
    const problems = await idwiseCheck({
      client: createIdwiseClient(idwise),
      journeyId,
      flowId: idwise.flowId,
      print: (line) => process.stdout.write(`${line}\n`),
    });
    process.exitCode = problems === 0 ? 0 : 1;
  });

program.addCommand(auditCommands());
addRolloverCommand(program);
addOperatorCommands(program);

await program.parseAsync();

/** What is set already stays as it is. */
function addVariables(path: string): void {
  try {
    process.loadEnvFile(path);
  } catch {
    process.stderr.write(
      `--env-file: ${path} cannot be read. npm start writes .data/demo.env for the demo.\n`,
    );
    process.exit(1);
  }
}
