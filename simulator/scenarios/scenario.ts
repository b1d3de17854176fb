import type { Stage } from './stage.js';

/** A story that is played against the running service. */
export interface Scenario {
  name: string;
  /** One sentence of what happens. */
  story: string;
  play(stage: Stage): Promise<void>;
}
