export default async function globalTeardown() {
  await globalThis.__testServers?.stop();
}
