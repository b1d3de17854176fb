import type { Command } from 'commander';
import { INBOX_STATES, PARK_REASONS } from '../store/inbox-records.js';
import { askCustomer, type CustomerWish, showCustomer } from './customers-commands.js';
import { listEvents, replayEvents, showEvent } from './events-commands.js';
import { type ImportOptions, importCustomers, USUAL_PACE } from './import-command.js';
import { type ExitCode, type OperatorSession, openOperatorSession } from './operator-session.js';
import { createProgressBar } from './progress-bar.js';
import { listRuns, reconcileNow } from './reconcile-commands.js';

/** Takes the program; adds the commands that talk to a running service through its operators' API. */
export function addOperatorCommands(program: Command): void {
  const events = program
    .command('events')
    .description('events in the inbox: find one, understand it, have it go its way again');
  withFilter(events.command('list'))
    .description('stored events, the newest first')
    .option('--limit <n>', 'how many at once, up to 200')
    .option('--cursor <cursor>', 'go on where a page ended')
    .action(runs((session, options) => listEvents(session, options)));
  events
    .command('show')
    .description('one event: its body, its way, what it brought about, what it waits for')
    .argument('<id>', 'its id, or the beginning of it')
    .option('--json', 'as the API answers it')
    .action((id: string, options: { json?: boolean }) => run((session) => showEvent(session, id, options)));
  withFilter(events.command('replay'))
    .description('have events go their way once more; says which, and does it only with --yes')
    .argument('[ids...]', 'ids; or none, and a filter')
    .requiredOption('--reason <text>', 'why; stands in the record with the name of your key')
    .option('--yes', 'do it')
    .action((ids: string[], options: Parameters<typeof replayEvents>[2]) =>
      run((session) => replayEvents(session, ids, options)),
    );

  const reconcile = program
    .command('reconcile')
    .description('compare records with IDWise now, and repair what differs');
  reconcile
    .command('one')
    .description('one customer')
    .argument('<referenceNo>')
    .requiredOption(...REASON)
    .action((referenceNo: string, { reason }: { reason: string }) =>
      run((session) => reconcileNow(session, { referenceNo, reason })),
    );
  reconcile
    .command('all')
    .description('everybody, as after an outage')
    .requiredOption(...REASON)
    .action(({ reason }: { reason: string }) =>
      run((session) => reconcileNow(session, { which: 'all', reason })),
    );
  reconcile
    .command('runs')
    .description('the latest runs, by schedule or by hand, and what they found')
    .option('--json', 'as the API answers it')
    .action((options: { json?: boolean }) => run((session) => listRuns(session, options)));
  addImport(program);

  const customers = program
    .command('customers')
    .description('one customer: how they stand, and what their workflow can be asked for');
  customers
    .command('show')
    .description('how the customer stands and why, what is owed, what comes next; nothing personal')
    .argument('<referenceNo>')
    .option('--json', 'as the API answers it')
    .action((referenceNo: string, options: { json?: boolean }) =>
      run((session) => showCustomer(session, referenceNo, options)),
    );
  customers
    .command('complete')
    .description('close a journey at IDWise with what is there')
    .argument('<referenceNo>')
    .argument('<journeyId>')
    .requiredOption(...REASON)
    .action((referenceNo: string, journeyId: string, { reason }: { reason: string }) =>
      run((session) => askCustomer(session, { kind: 'complete', referenceNo, journeyId, reason })),
    );
  addWish(customers, 'reprocess', 'look at every journey again');
  addWish(customers, 'close', 'off-board: what comes later is recorded and changes nothing');
  addWish(customers, 'reopen', 'take an off-boarded customer back');
}

function addImport(program: Command): void {
  program
    .command('import')
    .description(
      'bring customers along who were verified before: CSV of customerId,referenceNo,journeyId. Started again, it goes on',
    )
    .argument('<file>', 'the list; what does not fit is written beside it')
    .option('--rate <n>', `new lines per second (${USUAL_PACE.linesPerSecond})`)
    .option('--under-way <n>', `journeys that may wait for a look at once (${USUAL_PACE.mostUnderWay})`)
    .option('--patience <duration>', 'stop after so long without any progress (10m)')
    .action((file: string, options: ImportOptions) =>
      run((session) => importCustomers(session, file, options, createProgressBar(process.stderr))),
    );
}

const REASON = ['--reason <text>', 'why; stands in the record with the name of your key'] as const;

function addWish(customers: Command, kind: Exclude<CustomerWish['kind'], 'complete'>, what: string): void {
  customers
    .command(kind)
    .description(what)
    .argument('<referenceNo>')
    .requiredOption(...REASON)
    .action((referenceNo: string, { reason }: { reason: string }) =>
      run((session) => askCustomer(session, { kind, referenceNo, reason })),
    );
}

function withFilter(command: Command): Command {
  return command
    .option('--state <state>', INBOX_STATES.join(', '))
    .option('--parked', 'the same as --state parked')
    .option('--park-reason <reason>', PARK_REASONS.join(', '))
    .option('--kind <kind>', 'such as finished_journey, aml_monitor_update, not_understood')
    .option('--reference <referenceNo>', 'of this customer')
    .option('--journey <journeyId>', 'about this journey')
    .option('--id <beginning>', 'whose id begins like this')
    .option('--since <duration>', 'received in the last 30m, 2h, 7d')
    .option('--from <time>', 'received at this time or later, such as 2026-03-01T02:00Z')
    .option('--to <time>', 'received before this time')
    .option('--json', 'as the API answers it');
}

function runs<Options>(command: (session: OperatorSession, options: Options) => Promise<ExitCode>) {
  return (options: Options) => run((session) => command(session, options));
}

async function run(command: (session: OperatorSession) => Promise<ExitCode>): Promise<void> {
  const session = openOperatorSession(process.env, {
    print: (text) => process.stdout.write(`${text}\n`),
    say: (text) => process.stderr.write(`${text}\n`),
  });
  process.exitCode = session === null ? 2 : await command(session);
}
