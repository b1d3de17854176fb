import type { CompanyEvent } from '../company/company-events.js';
import type { PushDevice } from '../company/push-devices.js';
import type { CallRecord } from './calls.js';
import type { Delivery } from './delivery.js';
import type { Fault } from './faults.js';
import type { Journey } from './journey.js';
import type { Task } from './scheduler.js';
import { defaultSubscriptions, type PayloadGeneration } from './webhook-payloads.js';

/** Where the documentation leaves two forms open, which one is shown. */
export interface Settings {
  /** Form of `aml_matches` in the AML history (contract §3.9). */
  amlMatches: 'array' | 'object';
  /** Member names of `documents[].images` (contract §4.2, doc conflict). */
  imageNames: 'sample' | 'field-list';
  /** How an image is answered (contract §11, question 31). */
  imageAnswer: 'bytes' | 'base64-json';
  /** Size of an image in bytes; null for the small one that is drawn. */
  imageBytes: number | null;
  /** Refuse Get Journey Summary more often than every 2 s per journey (contract §3.7). */
  summaryLimit: boolean;
}

/** Everything that a restarted simulator must still know. JSON throughout. */
export interface SimulatorState {
  formatVersion: 1;
  journeys: Record<string, Journey>;
  /** Which journey an image belongs to. */
  imageOwners: Record<string, string>;
  deliveries: Delivery[];
  tasks: Task[];
  faults: Fault[];
  subscriptions: string[];
  payloadGeneration: PayloadGeneration;
  settings: Settings;
  calls: CallRecord[];
  callCounts: Record<string, Record<string, number>>;
  /** Government registry: persons for whom a test has said whether there is a face. */
  governmentFaces: Record<string, boolean>;
  companyEvents: CompanyEvent[];
  pushDevices: Record<string, PushDevice>;
}

/** A simulator that nothing has happened to yet. */
export function emptyState(settings: Partial<Settings> = {}): SimulatorState {
  return {
    formatVersion: 1,
    journeys: {},
    imageOwners: {},
    deliveries: [],
    tasks: [],
    faults: [],
    subscriptions: [...defaultSubscriptions],
    payloadGeneration: 'modern',
    settings: {
      amlMatches: 'array',
      imageNames: 'sample',
      imageAnswer: 'bytes',
      imageBytes: null,
      summaryLimit: true,
      ...settings,
    },
    calls: [],
    callCounts: {},
    governmentFaces: {},
    companyEvents: [],
    pushDevices: {},
  };
}
