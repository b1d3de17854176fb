import { pathToFileURL } from 'node:url';
import { DEFAULT_POLICY, IMAGE_KINDS } from '../domain/policy.js';
import { formatDuration } from './duration.js';
import { type Group, VARIABLES, type Variable } from './variables.js';

const GROUPS: Readonly<Record<Group, string>> = {
  service: 'Service',
  servers: 'Servers',
  compliance: 'Compliance',
  audit: 'Audit trail',
  desk: 'The compliance desk',
  idwise: 'IDWise',
  webhooks: "IDWise's webhooks",
  face: 'Government face',
  company: "The company's side",
};

/** Returns docs/configuration.md, made from the very table that the environment is read by; a test compares the two. */
export function configurationDocument(): string {
  return `# Configuration

<!-- Made from src/config/variables.ts and src/domain/policy.ts: npm run build && node dist/src/config/configuration-document.js > docs/configuration.md -->

Every process reads its configuration from environment variables when it starts. What is missing or wrong is reported
all at once, by variable and with the way to mend it, and the process ends with exit code 1. No value is ever printed.
An empty variable counts as unset. \`npm run setup\` needs \`MONGODB_URI\` and the \`TEMPORAL_*\` variables only.

${(Object.keys(GROUPS) as Group[]).map(groupSection).join('\n')}
## The policy file

\`POLICY_FILE\` names a JSON file with the company's own choices. Every member is optional; what the file does not
mention has the default below. Lists replace the default list. Unknown members are refused, so that a misspelt rule
cannot be ignored. Durations are written as \`30s\`, \`15m\`, \`72h\` or \`7d\`. These are the defaults:

\`\`\`json
${JSON.stringify(policyAsInFile(DEFAULT_POLICY), null, 2)}
\`\`\`

| member | meaning |
|---|---|
| \`access\` | access (\`none\`, \`limited\`, \`full\`) that each status opens |
| \`functions\` | names of the app's functions that each access opens; passed on in the view |
| \`requiredChecks\` | what must be there and passed before IDWise's \`Complete\` approves; \`rules\` is \`"all"\` (that the answer lists) or a list of rules that must be there; \`governmentFace\` is \`when_configured\`, \`always\` or \`never\` |
| \`captureRules\` | rules whose failure means "capture it again"; \`selfie_quality\` stands for the liveness codes |
| \`systemRejected\` | status after IDWise's \`Rejected\`: \`rejected\` or \`under_review\` |
| \`approveAfterManualRejection\` | whether a later journey may be approved by the system after a human rejected an earlier one |
| \`amlNotReadyTimeout\` | how long a result may lack its AML part before a human looks |
| \`look.unknownJourneyGiveUp\` | how long a journey that IDWise does not know is asked for |
| \`look.giveUp\` | how long any other owed look is retried |
| \`look.resultOverdueAfter\` | so long after the last step IDWise may be silent about a result before it is asked for one |
| \`redo.mostRounds\` | how often the steps of one journey may be asked for again before a human looks instead |
| \`redo.dueAfter\` | how long a request to do steps again stands before the verification expires |
| \`reminders\` | when a customer who has something to do is reminded: \`firstAfter\` their last sign of life, then \`every\` so often, at \`most\` so many times |
| \`expiry.after\` | a verification that nobody goes on with expires after so long; \`null\`: never |
| \`expiry.completesJourney\` | whether an expired journey is also closed at IDWise |
| \`renewal.gracePeriod\` | how long before its deadline IDWise asks for a renewal; as configured in your portal |
| \`renewal.remindBefore\` | how long before the deadline the customer is reminded, one reminder each |
| \`renewal.suspendsWhenDue\` | whether our own clock suspends at the deadline; otherwise only IDWise's event does |
| \`renewal.documentExpiryNotice\` | so long before a document expires a renewal is asked for by us; \`null\`: IDWise alone asks |
| \`reconciliation\` | how long after its last look a customer's record is compared with IDWise again: \`unsettledEvery\`, \`settledEvery\` |
| \`customStep.userStepsTimeout\` | how long to wait for the user's steps before the custom step goes on with what is there |
| \`customStep.faceTimeout\` | how long the provider of government faces may fail before the journey goes on without |
| \`completeJourney.afterSilence\` | close a started journey after so long without a step; \`null\`: never by itself |
| \`completeJourney.call\` | which of IDWise's calls closes a journey: \`complete-journey\` or \`complete-custom-step\` |
| \`completeJourney.giveUp\` | how long closing is retried |
| \`images.store\` | kinds of images that are fetched from IDWise and stored encrypted: \`"none"\` or a list of ${IMAGE_KINDS.map((kind) => `\`${kind}\``).join(', ')} |
| \`images.mostBytes\` | a larger image is not stored; 52428800 (50 MB) at most |
| \`cases.calendar\` | the company's zone (\`timeZone\`), \`workingDays\`, hours (\`opensAt\`, \`closesAt\`) and \`holidays\`, in which compliance's clocks count |
| \`cases.severity\` | what each finding weighs: \`low\`, \`medium\`, \`high\` or \`critical\` |
| \`cases.clocks\` | for each severity: what \`counts\` (\`always\` or \`working_hours\`), \`dueAfter\`, \`acknowledgeWithin\` (\`null\`: nobody need), \`remindBefore\`, and whether it is told \`at_once\` or in the \`digest\` (\`mail\`) |
| \`cases.overdueEvery\` | how often an overdue case is told again |
| \`cases.holdOnSanctions\` | whether a match that is new on a sanctions list holds the customer at once |
| \`cases.seniorApproval\` | outcomes that only the role \`approver\` may approve |
| \`deliveries\` | how long each kind of message is retried before it is given up with an alarm |
| \`texts\` | the company's own texts for customers, by language tag and code; docs/policy.md lists the codes |
`;
}

function groupSection(group: Group): string {
  const rows = Object.entries(VARIABLES as Readonly<Record<string, Variable>>)
    .filter(([, variable]) => variable.group === group)
    .map(([name, { required, byDefault, meaning, mend }]) => {
      const unset = required ? '**required**' : byDefault === null ? 'off' : `\`${byDefault}\``;
      return `| \`${name}\` | ${unset} | ${meaning} ${mend}. |`;
    });
  return `## ${GROUPS[group]}\n\n| variable | when unset | meaning |\n|---|---|---|\n${rows.join('\n')}\n`;
}

/** The policy as it stands in a file: durations as text, without the \`Ms\` of their names. */
function policyAsInFile(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) =>
      name.endsWith('Ms') ? [name.slice(0, -2), durationAsInFile(member)] : [name, policyAsInFile(member)],
    ),
  );
}

function durationAsInFile(member: unknown): unknown {
  if (Array.isArray(member)) return member.map(durationAsInFile);
  return typeof member === 'number' ? formatDuration(member) : member;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.stdout.write(configurationDocument());
