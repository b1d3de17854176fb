import { type SimulatorOptions, startSimulator } from './simulator.js';

/** Reads a number from the environment; an error names the variable. */
function numberFrom(name: string, fallback: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new Error(`${name} must be a number that is not negative`);
}

/** Reads a switch from the environment: off only for `off`, `false`, `no` or `0`. */
function switchFrom(name: string): boolean {
  return !['off', 'false', 'no', '0'].includes((process.env[name] ?? '').toLowerCase());
}

const text = (name: string) => process.env[name] || undefined;

function optionsFromEnvironment(): SimulatorOptions {
  return {
    host: text('SIM_HOST'),
    port: numberFrom('SIM_PORT', 4100),
    webhookUrl: text('SIM_WEBHOOK_URL'),
    webhookAuth: text('SIM_WEBHOOK_AUTH'),
    webhookSecret: text('SIM_WEBHOOK_SECRET'),
    apiKey: text('SIM_API_KEY'),
    apiSecret: text('SIM_API_SECRET'),
    flowId: text('SIM_FLOW_ID'),
    clientKey: text('SIM_CLIENT_KEY'),
    customStepId: text('SIM_CUSTOM_STEP_ID'),
    customStepType: text('SIM_CUSTOM_STEP_TYPE'),
    retryScale: numberFrom('SIM_RETRY_SCALE', 1),
    processingMs: numberFrom('SIM_PROCESSING_MS', 300),
    dataFile: text('SIM_DATA_FILE'),
    summaryLimit: switchFrom('SIM_SUMMARY_LIMIT'),
    companyWebhookSecret: text('SIM_COMPANY_WEBHOOK_SECRET'),
  };
}

try {
  const simulator = await startSimulator(optionsFromEnvironment());
  console.log(`simulator: listening on ${simulator.url}`);
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    simulator.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(`simulator: ${String(error)}`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
} catch (error) {
  console.error(`simulator: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
