/** One line at the bottom of a terminal that says how far something is. */
export interface ProgressBar {
  /** Takes how many of all are done, and a word about the rest; draws the line anew. */
  draw(done: number, all: number, note: string): void;
  /** Takes the line away, so that other text can follow. */
  clear(): void;
}

interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const WIDTH = 30;

/** Takes a stream; returns the bar on it, which draws nothing where the stream is no terminal. */
export function createProgressBar(terminal: Terminal): ProgressBar {
  if (terminal.isTTY !== true) return { draw: () => {}, clear: () => {} };
  return {
    draw: (done, all, note) => {
      const share = all === 0 ? 1 : done / all;
      const full = Math.round(share * WIDTH);
      const bar = `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}`;
      const text = `${bar} ${Math.floor(share * 100)} %  ${done} of ${all}  ${note}`;
      // Cut off, because a line that wraps would not be taken away as a whole.
      terminal.write(`\r\u001b[2K${text.slice(0, (terminal.columns ?? 80) - 1)}`);
    },
    clear: () => void terminal.write('\r\u001b[2K'),
  };
}
