import express, { type Router } from 'express';

/**
 * Returns a router that takes each path as it is written. Proxies tell upper from lower case and see a slash at the end:
 * what they keep from strangers must not come in by another spelling.
 */
export function exactRouter(): Router {
  return express.Router({ caseSensitive: true, strict: true });
}
