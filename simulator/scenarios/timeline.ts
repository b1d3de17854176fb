/** One line of a scenario's timeline. */
export interface TimelineEntry {
  scenario: string;
  /** Milliseconds since the scenario began. */
  atMs: number;
  /** Something was sent; our API or IDWise said something; a remark; the end of it. */
  kind: 'sent' | 'seen' | 'note' | 'failed';
  text: string;
  /** How long that took in milliseconds; null where it says nothing. */
  tookMs: number | null;
}

export type Report = (entry: TimelineEntry) => void;
