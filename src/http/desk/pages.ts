import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Router } from 'express';
import { sendProblem } from '../problems.js';

/**
 * Takes the folder of the built pages; returns the routes that serve them. Nothing of another host is loaded, nothing
 * in line is run, no other page can frame them; the one style that the components write themselves bears a nonce.
 */
export function deskPages(folder: string): Router {
  const router = express.Router();
  const index = join(folder, 'index.html');
  const page = existsSync(index) ? readFileSync(index, 'utf8') : null;
  router.use(
    '/desk/assets',
    // Their names hold digests of their content.
    express.static(join(folder, 'assets'), {
      immutable: true,
      maxAge: '365d',
      index: false,
      fallthrough: true,
    }),
    (_req, res) => sendProblem(res, 'not_found'),
  );
  router.get(['/desk', '/desk/{*page}'], (_req, res) => {
    if (page === null) return sendProblem(res, 'desk_not_built');
    const nonce = randomBytes(16).toString('base64');
    res.set({
      'Content-Security-Policy': [
        "default-src 'none'",
        "script-src 'self'",
        `style-src 'self' 'nonce-${nonce}'`,
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
    });
    res.type('html').send(page.replaceAll('%NONCE%', nonce));
  });
  return router;
}
