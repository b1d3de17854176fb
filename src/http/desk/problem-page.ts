import { randomBytes } from 'node:crypto';
import type { Response } from 'express';
import { PROBLEMS, type Problem, type ProblemCode } from '../problems.js';

/**
 * Takes an open response and a code; answers with a page, because it is a person in a browser who came: what happened,
 * and a way on. The texts are those of the problem documents, fixed and free of markup.
 */
export function sendProblemPage(res: Response, code: ProblemCode): void {
  const { status, publicText, retryAfterSeconds }: Problem = PROBLEMS[code];
  const nonce = randomBytes(16).toString('base64');
  res.status(status).type('html');
  res.set({
    'Content-Security-Policy': `default-src 'none'; style-src 'nonce-${nonce}'; img-src data:; base-uri 'none'; frame-ancestors 'none'`,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
  });
  if (retryAfterSeconds !== undefined) res.set('Retry-After', String(retryAfterSeconds));
  res.send(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Compliance desk</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 32rem; margin: 15vh auto; padding: 0 1rem; }
  h1 { font-size: 1.5rem; }
</style>
</head>
<body>
<main>
<h1>Compliance desk</h1>
<p>${publicText}</p>
<p><a href="/desk">To the desk</a></p>
</main>
</body>
</html>
`);
}
