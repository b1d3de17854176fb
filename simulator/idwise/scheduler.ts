/** What IDWise does by itself some time later. */
export type Work =
  | { kind: 'conclude-step'; journeyId: string; stepId: string; submission: number }
  | { kind: 'compare-face'; journeyId: string }
  | { kind: 'settle'; journeyId: string }
  | { kind: 'aml-ready'; journeyId: string }
  | { kind: 'renewal-deadline'; journeyId: string; deadline: string };

export interface Task {
  dueAtMs: number;
  work: Work;
}

// Node fires a timer at once when its delay does not fit into 31 bits.
const longestTimerMs = 2_000_000_000;

/** Runs tasks when they are due, over a list that is part of the persisted state. */
export class Scheduler {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly tasks: Task[],
    private readonly run: (work: Work) => void,
  ) {
    this.arm();
  }

  /** @param delayMs milliseconds from now */
  add(work: Work, delayMs: number): void {
    this.tasks.push({ dueAtMs: Date.now() + delayMs, work });
    this.arm();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private arm(): void {
    clearTimeout(this.timer);
    const next = Math.min(...this.tasks.map((task) => task.dueAtMs));
    if (this.stopped || next === Number.POSITIVE_INFINITY) return;
    this.timer = setTimeout(() => this.runDue(), Math.min(Math.max(0, next - Date.now()), longestTimerMs));
  }

  private runDue(): void {
    const now = Date.now();
    // Stable by due time: what was planned first happens first.
    const due = this.tasks.filter((task) => task.dueAtMs <= now).sort((a, b) => a.dueAtMs - b.dueAtMs);
    for (const task of due) {
      this.tasks.splice(this.tasks.indexOf(task), 1);
      this.run(task.work);
    }
    this.arm();
  }
}
