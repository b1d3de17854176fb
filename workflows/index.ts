export { checkpointAudit } from './checkpoint-audit.js';
export { customerVerification } from './customer-verification.js';
export { deliverMessage } from './deliver-message.js';
export { linkEvent } from './link-event.js';
export { reconcile } from './reconcile.js';
