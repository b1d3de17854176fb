import type { KeyObject } from 'node:crypto';
import type { CheckpointConfig } from '../audit/daily-checkpoint.js';
import type { Policy } from '../domain/policy.js';
import type { LogLevel } from '../observability/logger.js';
import type { OperatorKey } from './value-schemas.js';

/**
 * The service's configuration as the rest of the code sees it: validated, typed, complete (design §3, Environment).
 * Secrets stand here in memory only; nothing of this is ever printed.
 */
export interface ServiceConfig {
  readonly service: {
    readonly host: string;
    readonly port: number;
    readonly apiKeys: readonly string[];
    /** Empty: the operators' API is off. */
    readonly operatorKeys: readonly OperatorKey[];
    /** 32 bytes under which personal data is encrypted. */
    readonly piiKey: Uint8Array;
    /** Port on `host` of a worker's own /healthz and /metrics; null: none. */
    readonly workerHealthPort: number | null;
    /** Least severe log line that is written. */
    readonly logLevel: LogLevel;
  };
  readonly policy: Policy;
  readonly mongodbUri: string;
  readonly temporal: { readonly namespace: string; readonly taskQueue: string };
  readonly mail: { readonly smtpUrl: string; readonly from: string } | null;
  readonly compliance: {
    /** In order of escalation. */
    readonly emailTo: readonly string[];
    /** `{journeyId}` is replaced; null: desk and mails link to no journey in IDWise's Studio. */
    readonly studioUrlTemplate: string | null;
    /** Where officers reach the compliance desk; null: mails carry no link. */
    readonly deskUrl: string | null;
    /** Whom they turn to when it does not work; null: mails name nobody. */
    readonly systemOwner: string | null;
  };
  /** Address under which people reach the service, without a slash at its end; null: not named. */
  readonly publicUrl: string | null;
  /** Where compliance's people sign in; null: there is no desk. */
  readonly desk: {
    readonly issuer: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly rolesClaim: string;
    readonly publicUrl: string;
  } | null;
  readonly idwise: {
    readonly baseUrl: string;
    readonly apiKey: string;
    readonly apiSecret: string;
    readonly flowId: string;
    readonly clientKey: string | null;
    readonly customStep: { readonly stepId: string; readonly stepType: string | null } | null;
    /** Overrides of path templates, by endpoint name. */
    readonly pathOverrides: Readonly<Record<string, string>>;
    /** Calls per second that all workers together may make; enforced by Temporal's task queue. */
    readonly callsPerSecond: number;
  };
  readonly webhookIntake: {
    readonly auth:
      | { readonly kind: 'basic' }
      | { readonly kind: 'bearer' }
      | { readonly kind: 'header'; readonly name: string };
    /** One or two, alive at once. */
    readonly secrets: readonly string[];
    /** Empty: any address. */
    readonly allowedIps: readonly string[];
  };
  readonly audit: CheckpointConfig & {
    /** By which exports are verified, beside that of the signing key. */
    readonly publicKeys: readonly KeyObject[];
  };
  readonly governmentFaceUrl: string | null;
  readonly companyWebhook: { readonly url: string; readonly secrets: readonly string[] } | null;
  readonly customerJwt: {
    readonly issuer: string;
    readonly audience: string;
    readonly jwksUrl: string;
  } | null;
  readonly webPush: {
    readonly publicKey: string;
    readonly privateKey: string;
    readonly subject: string;
    /** Hosts beyond the known push services to which pushes may be sent (`WEB_PUSH_ALLOWED_HOSTS`); tests and demo name their own. */
    readonly extraAllowedHosts: readonly string[];
  } | null;
}
