import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type AuditExport, exportAudit, type Selection, selectCase } from '../audit/audit-export.js';
import { exportCheckpoints, readCheckpointFiles } from '../audit/checkpoint-files.js';
import { EXPORT_FORMATS, type ExportFormat, exportContent } from '../audit/export-content.js';
import { verificationText } from '../audit/export-text.js';
import { counted, findingLine } from '../audit/finding.js';
import { readPublicKey, trustedKeys } from '../audit/signing-key.js';
import { storedCheckpoints } from '../audit/stored-checkpoints.js';
import { takeCheckpoint } from '../audit/take-checkpoint.js';
import { type VerifiedCheckpoints, verifyCheckpoints } from '../audit/verify-checkpoints.js';
import { verifyTrail } from '../audit/verify-trail.js';
import type { AuditConfig } from '../config/assemble-config.js';
import { configOrExit, readAuditEnvironment } from '../config/environment.js';
import { ANY_TIME_MS, openStore, type Store } from '../store/store.js';

interface TrustOptions {
  readonly checkpoints?: string;
  readonly publicKey: readonly string[];
}

interface ExportOptions extends TrustOptions {
  readonly reference?: string;
  readonly case?: string;
  readonly from?: Date;
  readonly to?: Date;
  readonly format: ExportFormat;
  readonly out?: string;
}

/** Returns `audit` with its commands; each exits with 0 when the trail is whole, with 1 otherwise (docs/audit.md). */
export function auditCommands(): Command {
  const audit = new Command('audit').description('the audit trail: verify it, export it, attest it');

  withTrust(audit.command('verify'))
    .description(
      'find any record that was edited, removed, inserted, or cut off the end up to the last checkpoint',
    )
    .option('--reference <referenceNo>', 'one customer only')
    .action(async (options: TrustOptions & { readonly reference?: string }) => {
      await withStore(async (store, config) => {
        const { checkpoints, keys } = await trusted(store, config, options);
        const { reference } = options;
        const trail = await verifyTrail({
          store,
          checkpoints,
          ...(reference === undefined ? {} : { referenceNo: reference }),
        });
        if (reference !== undefined && trail.customers === 0) {
          complain(`There is no customer ${reference}, nor does a checkpoint know of one.`);
          return false;
        }
        for (const finding of trail.findings) print(findingLine(finding));
        print(`${counted(trail.customers, 'customer')}, ${counted(trail.records, 'record')}.`);
        print(checkpointLine(checkpoints, keys));
        print(
          trail.findings.length === 0
            ? 'Every chain is whole.'
            : `${counted(trail.findings.length, 'finding')}.`,
        );
        return trail.findings.length === 0;
      });
    });

  withTrust(audit.command('export'))
    .description('write records of a customer, a case or a period, with the verification of their chains')
    .option('--reference <referenceNo>', 'all records of one customer')
    .option('--case <caseId>', 'the records of one compliance case')
    .option('--from <time>', 'records from this time on (RFC 3339, or a date in UTC)', time)
    .option('--to <time>', 'up to this time, which itself is not included', time)
    .addOption(new Option('--format <format>', 'form of the export').choices(EXPORT_FORMATS).default('json'))
    .option('--out <file>', 'file to write; without it the export goes to standard output')
    .action(async (options: ExportOptions, command: Command) => {
      const select = selectionOf(options);
      if (select === null) {
        command.error(
          'error: give one of --reference, --case, and --from with --to, where --from is before --to',
        );
      }
      await withStore(async (store, config) => {
        const selection = await select(store);
        if (selection === null) {
          complain(`There is no case ${options.case ?? ''}.`);
          return false;
        }
        const { checkpoints, keys } = await trusted(store, config, options);
        const exported = await exportAudit({ store, selection, checkpoints, keys, now: new Date() });
        if (exported.customers.length === 0) {
          complain('Nothing to export: there is no record of that customer or period.');
          return false;
        }
        await write(exported, options);
        return exported.verification.isWhole;
      });
    });

  audit
    .command('checkpoint')
    .description('attest now where every chain ends, as the daily schedule does')
    .option('--export <folder>', 'also write every checkpoint that has no file there yet')
    .action(async (options: { readonly export?: string }) => {
      await withStore(async (store, config) => {
        const { signingKey, checkpointDir } = config.audit;
        if (signingKey === null) {
          complain(
            'AUDIT_SIGNING_KEY is not set, so that nothing can be signed. docs/audit.md tells how to make a key.',
          );
          return false;
        }
        const folder = options.export ?? checkpointDir;
        const taken = await takeCheckpoint({ store, signingKey, files: folder, now: new Date() });
        if (taken.kind === 'contradicted') {
          complain(
            `Nothing was signed: checkpoint ${taken.number} in ${folder} is not in the database as it was written. See npm run cli -- audit verify --checkpoints ${folder}, and audit_checkpoints_set_back in docs/runbook.md.`,
          );
          return false;
        }
        if (folder !== null)
          complain(`${await exportCheckpoints(store, folder)} files written to ${folder}.`);
        if (taken.kind === 'overtaken') {
          complain(`Another process took checkpoint ${taken.number} at the same time.`);
          return true;
        }
        const { body, signature } = taken.checkpoint;
        print(JSON.stringify({ body, signature }));
        for (const referenceNo of taken.broken) {
          complain(
            `customer ${referenceNo}: does not go on from an earlier checkpoint; see npm run cli -- audit verify`,
          );
        }
        return taken.broken.length === 0;
      });
    });
  return audit;
}

function withTrust(command: Command): Command {
  const collect = (path: string, paths: readonly string[]) => [...paths, path];
  return command
    .option('--checkpoints <folder>', 'exported checkpoints to go by (default: AUDIT_CHECKPOINT_DIR)')
    .option(
      '--public-key <file>',
      'a public key to trust beside that of AUDIT_SIGNING_KEY; repeatable',
      collect,
      [],
    );
}

/** Opens the store, runs the work, and sets the exit code by whether all is well. */
async function withStore(work: (store: Store, config: AuditConfig) => Promise<boolean>): Promise<void> {
  const config = configOrExit(readAuditEnvironment(process.env));
  const store = await openStore(config.mongodbUri, ANY_TIME_MS).catch(() => null);
  if (store === null) {
    complain('MongoDB (MONGODB_URI) does not answer. Is it running, and is the address right?');
    process.exitCode = 1;
    return;
  }
  try {
    process.exitCode = (await work(store, config)) ? 0 : 1;
  } catch (error) {
    // Of an error only its text: whoever runs this wants to know what to mend.
    complain(error instanceof Error ? error.message : 'unknown error');
    process.exitCode = 1;
  } finally {
    await store.close();
  }
}

/** @throws Error with a sentence for the operator where a file or key cannot be read. */
async function trusted(
  store: Store,
  { audit }: AuditConfig,
  options: TrustOptions,
): Promise<{ checkpoints: VerifiedCheckpoints; keys: readonly KeyObject[] }> {
  const given = options.publicKey.map((path) => {
    const key = readPublicKey(readFileSync(path, 'utf8'));
    if (key === null) throw new Error(`--public-key: ${path} holds no Ed25519 public key as PEM or base64`);
    return key;
  });
  const keys = [...trustedKeys(audit), ...given];
  const folder = options.checkpoints ?? audit.checkpointDir;
  const files = folder === null ? null : await readCheckpointFiles(folder);
  if (files?.kind === 'unreadable') {
    throw new Error(
      `The exported checkpoints cannot be read: ${files.path} (--checkpoints, AUDIT_CHECKPOINT_DIR)`,
    );
  }
  return {
    checkpoints: verifyCheckpoints(await storedCheckpoints(store), files?.checkpoints ?? null, keys),
    keys,
  };
}

function checkpointLine({ trusted: all }: VerifiedCheckpoints, keys: readonly KeyObject[]): string {
  const latest = all.at(-1)?.body;
  if (latest !== undefined) {
    return `${counted(all.length, 'signed checkpoint')}, the latest ${latest.number} at ${latest.at}, key ${latest.keyId}.`;
  }
  const why = keys.length === 0 ? ' AUDIT_SIGNING_KEY is not set, so none are made.' : '';
  return `No signed checkpoint: records cut off the end, and chains written anew, would not be noticed.${why}`;
}

/** Returns how to find what is asked for, null where that is nothing, or two things at once. */
function selectionOf(options: ExportOptions): ((store: Store) => Promise<Selection | null>) | null {
  const { reference, case: caseId, from, to } = options;
  const isOfPeriod = from !== undefined || to !== undefined;
  if ([reference !== undefined, caseId !== undefined, isOfPeriod].filter(Boolean).length !== 1) return null;
  if (reference !== undefined) return async () => ({ kind: 'customer', referenceNo: reference });
  if (caseId !== undefined) return async ({ cases }) => await selectCase(cases, caseId);
  const isPeriod = from !== undefined && to !== undefined && from < to;
  return isPeriod ? async () => ({ kind: 'period', from, to }) : null;
}

async function write(exported: AuditExport, { format, out }: ExportOptions): Promise<void> {
  const content = await exportContent(exported, format);
  if (out === undefined) process.stdout.write(content);
  else await writeFile(out, content, { mode: 0o600 });
  const verification = verificationText(exported);
  if (format === 'csv' && out !== undefined)
    await writeFile(`${out}.verification.txt`, verification, { mode: 0o600 });
  process.stderr.write(verification);
}

function time(text: string): Date {
  const isTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const at = new Date(text);
  if (!isTime || Number.isNaN(at.getTime())) {
    throw new InvalidArgumentError(
      'Write a date such as 2026-11-01, or a time such as 2026-11-01T08:00:00Z.',
    );
  }
  return at;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}
