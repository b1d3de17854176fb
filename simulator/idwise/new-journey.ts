import { randomBytes } from 'node:crypto';
import { inventMatch } from './aml-match.js';
import type { AmlMatch, CustomStep, Journey, UserStep } from './journey.js';
import type { Overrides } from './overlay.js';
import { type Person, syntheticPerson } from './persons.js';
import type { Simulation } from './simulation.js';

/** What a new journey shall be like. */
export interface JourneyWishes {
  referenceNo: string | null;
  origin: 'sdk' | 'backend';
  flowId?: string | undefined;
  foreignTenant?: boolean | undefined;
  outcome?: string | undefined;
  /** A seed, or members of the person that shall differ. */
  person?: string | Overrides<Person> | undefined;
  steps?: { stepId: string; stepType: 'Document' | 'Selfie'; title?: string | undefined }[] | undefined;
  /** true: the flow's own (or an invented one); false: none; unset: what the flow has. */
  customStep?: boolean | { stepId: string; stepType: string } | undefined;
  faceMatched?: boolean | undefined;
  failedRules?: string[] | undefined;
  systemDecision?: string | undefined;
  aml?: boolean | undefined;
  /** Matches that the first search finds. */
  amlMatches?: Overrides<AmlMatch>[] | undefined;
  amlReadyAfterMs?: number | undefined;
  /** How long ago it shall seem to have begun and ended; what is redone later is of its own time. */
  ageMs?: number | undefined;
  amlReadyAfterFetches?: number | undefined;
}

/** Starts a journey: what the SDK's Start Journey and the REST API's have in common. */
export function startJourney(simulation: Simulation, wishes: JourneyWishes): Journey {
  const journeyId = randomBytes(12).toString('hex');
  const seed = typeof wishes.person === 'string' ? wishes.person : (wishes.referenceNo ?? journeyId);
  const person = syntheticPerson(seed, typeof wishes.person === 'object' ? wishes.person : {});
  const ageMicros = (wishes.ageMs ?? 0) * 1_000;
  const journey: Journey = {
    journeyId,
    referenceNo: wishes.referenceNo,
    flowId: wishes.flowId ?? simulation.config.flowId,
    origin: wishes.origin,
    foreignTenant: wishes.foreignTenant ?? false,
    completionRequested: false,
    phase: 'open',
    startMicros: simulation.clock.now() - ageMicros,
    ageMicros,
    endMicros: null,
    processingUntilMs: 0,
    person,
    outcome: wishes.outcome ?? 'complete',
    failedRules: wishes.failedRules ?? [],
    decisionOverride: wishes.systemDecision ?? null,
    amlDecisionOverride: null,
    systemDecision: 'Incomplete',
    manualDecision: null,
    review: null,
    steps: stepsOf(wishes, person),
    customStep: customStepOf(simulation, wishes),
    faceMatched: wishes.faceMatched ?? true,
    aml:
      wishes.aml === false
        ? null
        : {
            applicability: 'Not Ready Yet',
            matches: (wishes.amlMatches ?? []).map((members) => inventMatch(person, members)),
            version: 0,
            history: [],
            searchMicros: null,
            lastMonitoringMicros: null,
            readyAfterMs: wishes.amlReadyAfterMs ?? (wishes.amlReadyAfterFetches === undefined ? 3000 : null),
            readyAfterFetches: wishes.amlReadyAfterFetches ?? null,
          },
    redo: null,
    reprocessing: false,
  };
  simulation.state.journeys[journeyId] = journey;
  simulation.changed();
  return journey;
}

function stepsOf(wishes: JourneyWishes, person: Person): UserStep[] {
  const wanted = wishes.steps ?? [
    // "0" on purpose: it is what IDWise's own sample uses, and it is easily mistaken for "none".
    { stepId: '0', stepType: 'Document' as const, title: person.documentType },
    { stepId: '1', stepType: 'Selfie' as const, title: 'Selfie' },
  ];
  return wanted.map((step) => ({
    stepId: step.stepId,
    stepType: step.stepType,
    title: step.title ?? step.stepType,
    sides: step.stepType === 'Document' && person.documentType === 'Identity Card' ? 2 : 1,
    submissions: 0,
    concluded: false,
    images: null,
  }));
}

function customStepOf(simulation: Simulation, wishes: JourneyWishes): CustomStep | null {
  const fallback = { stepId: '90', stepType: 'AdditionalFace' };
  const flows = simulation.config.customStep;
  const wanted = wishes.customStep ?? flows !== null;
  if (wanted === false) return null;
  const { stepId, stepType } = wanted === true ? (flows ?? fallback) : wanted;
  return { stepId, stepType, face: null };
}
