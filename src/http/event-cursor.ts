import { z } from 'zod';

/** The cursor that a page of events gives for the next one: where it ended. */
export const eventCursor = z
  .string('must be text')
  .max(1_000, 'is no cursor of this API')
  .transform((text, context) => {
    const read = cursorContent.safeParse(jsonOf(text));
    if (read.success) return { receivedAt: new Date(read.data[0]), id: read.data[1] };
    context.addIssue('is no cursor of this API');
    return z.NEVER;
  })
  .describe('The "next" of the page before');

const cursorContent = z.tuple([z.int().min(0), z.string()]);

/** Takes where a page ends, or null for the last one; returns the cursor that the next request gives. */
export function cursorOf(end: { readonly receivedAt: Date; readonly id: string } | null): string | null {
  if (end === null) return null;
  return Buffer.from(JSON.stringify([end.receivedAt.getTime(), end.id])).toString('base64url');
}

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
