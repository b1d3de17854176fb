import { PATIENCE_MS } from '../eventually.js';

/** One server-sent event, as the specification parses it. */
export interface StreamedEvent {
  readonly id: string | null;
  readonly event: string | null;
  readonly data: string;
}

export interface OpenStream {
  readonly status: number;
  /** Resolves with the next event; rejects when the stream ends before it, or nothing comes in time. */
  next(): Promise<StreamedEvent>;
  /** Resolves when the server ends the stream. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Takes a URL and headers; returns the open stream of server-sent events. */
export async function openEventStream(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<OpenStream> {
  const abort = new AbortController();
  const answer = await fetch(url, { headers, signal: abort.signal });
  const events: StreamedEvent[] = [];
  let wake: () => void = () => {};
  const read = async () => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      events.push(...blocks.flatMap(parse));
      wake();
    }
  };
  const ended = read().catch(() => {});
  return {
    status: answer.status,
    ended,
    next: async () => {
      const endsAtMs = performance.now() + PATIENCE_MS;
      for (;;) {
        const event = events.shift();
        if (event !== undefined) return event;
        const leftMs = endsAtMs - performance.now();
        if (leftMs <= 0) throw new Error('No event came in time');
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, leftMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    close: () => abort.abort(),
  };
}

function parse(block: string): StreamedEvent[] {
  const fields = new Map(
    block
      .split('\n')
      .filter((line) => !line.startsWith(':') && line.includes(':'))
      .map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
      }),
  );
  const data = fields.get('data');
  return data === undefined
    ? []
    : [{ id: fields.get('id') ?? null, event: fields.get('event') ?? null, data }];
}
