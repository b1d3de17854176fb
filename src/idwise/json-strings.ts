/** A piece of one string of a JSON text; `isEnd` with the last piece of each. */
interface StringPiece {
  readonly text: string;
  readonly isEnd: boolean;
}

/** Where a run of plain characters within a string ends. */
const RUN_ENDS_AT = /["\\]/g;

/**
 * Takes a JSON text as it comes; gives its strings, names of members too, in pieces and without escapes, so that one
 * of many megabytes need not be held. What is not ASCII comes as its bytes. It does not check the JSON around them; a text
 * that breaks off within a string ends without `isEnd`.
 */
export async function* stringsInJson(body: AsyncIterable<Uint8Array>): AsyncGenerator<StringPiece> {
  let isInString = false;
  let sequence = '';
  for await (const bytes of body) {
    const text = Buffer.from(bytes).toString('latin1');
    let at = 0;
    while (at < text.length) {
      if (!isInString) {
        const quote = text.indexOf('"', at);
        if (quote === -1) break;
        isInString = true;
        at = quote + 1;
      } else if (sequence !== '') {
        sequence += text.charAt(at);
        at += 1;
        if (sequence.length < (sequence.charAt(1) === 'u' ? 6 : 2)) continue;
        yield { text: unescaped(sequence), isEnd: false };
        sequence = '';
      } else {
        RUN_ENDS_AT.lastIndex = at;
        const end = RUN_ENDS_AT.exec(text)?.index ?? text.length;
        if (end > at) yield { text: text.slice(at, end), isEnd: false };
        at = end + 1;
        if (text.charAt(end) === '\\') sequence = '\\';
        if (text.charAt(end) !== '"') continue;
        yield { text: '', isEnd: true };
        isInString = false;
      }
    }
  }
}

function unescaped(sequence: string): string {
  try {
    return String(JSON.parse(`"${sequence}"`));
  } catch {
    return '';
  }
}
