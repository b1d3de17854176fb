import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { download, sha256OfFile } from './download.js';
import { publishedSha256, unpackPublished } from './published-archive.js';

let base = '';
let server: Server;
let published = '';
let folder = '';
let checksums = '';
const silent = () => {};

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'archive-'));
  const inside = join(base, 'thing-1.0');
  mkdirSync(join(inside, 'bin'), { recursive: true });
  writeFileSync(join(inside, 'bin', 'thing'), '#!/bin/sh\necho thing 1.0\n');
  chmodSync(join(inside, 'bin', 'thing'), 0o644);
  writeFileSync(join(inside, 'LICENSE'), 'x');
  execFileSync('tar', ['-czf', join(base, 'thing.tgz'), '-C', base, 'thing-1.0']);
  checksums = `${await sha256OfFile(join(base, 'thing.tgz'))}  thing.tgz\n`;
  server = createServer((request, response) => {
    if (request.url === '/thing.tgz') response.end(readFileSync(join(base, 'thing.tgz')));
    else if (request.url === '/sums') response.end(checksums);
    else if (request.url === '/wrong-sums') response.end(`${'0'.repeat(64)}  thing.tgz\n`);
    else if (request.url === '/broken') {
      response.writeHead(200, { 'content-length': '1000' });
      if (request.method === 'HEAD') response.end();
      else response.write('half', () => response.destroy());
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  published = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(base, { recursive: true });
});
beforeEach(() => {
  folder = mkdtempSync(join(base, 'target-'));
});

const archive = (checksumsPath: string, program = 'thing') => ({
  url: `${published}/thing.tgz`,
  checksumsUrl: `${published}${checksumsPath}`,
  program,
});

test('leaves the program, executable, and nothing else', async () => {
  expect(await unpackPublished(archive('/sums'), folder, silent)).toBeNull();
  expect(readdirSync(folder)).toEqual(['thing']);
  expect(execFileSync(join(folder, 'thing'), { encoding: 'utf8' })).toBe('thing 1.0\n');
});

test('takes nothing whose checksum is wrong or cannot be read', async () => {
  expect(await unpackPublished(archive('/wrong-sums'), folder, silent)).toContain('SHA-256');
  expect(await unpackPublished(archive('/none'), folder, silent)).toContain('cannot be checked');
});

test('says that the wanted program is not inside', async () => {
  expect(await unpackPublished(archive('/sums', 'other'), folder, silent)).toBe('the archive holds no other');
});

test('a download tells why it failed: refused, not found, broken off', async () => {
  const target = join(folder, 'file');
  expect(await download('http://127.0.0.1:1/x', target, silent)).toContain('cannot be reached');
  expect(await download(`${published}/none`, target, silent)).toContain('answered 404');
  expect(await download(`${published}/broken`, target, silent)).toContain('broke off');
});

test('a checksum is found by its file name only', () => {
  const sum = 'a'.repeat(64);
  expect(publishedSha256(`${'b'.repeat(64)}  other.tgz\n${sum} *thing.tgz\n`, 'thing.tgz')).toBe(sum);
  expect(publishedSha256(sum, 'thing.tgz')).toBeNull();
});
