/** Takes rows of name and address; returns aligned lines. */
export function addressTable(rows: readonly (readonly [name: string, address: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, address]) => `  ${name.padEnd(width)}   ${address}`).join('\n');
}

/** An address as it may be shown: without user, password and query, which can hold secrets. */
export function withoutSecrets(address: string): string {
  return address.replace(/\/\/[^@/]*@/, '//').replace(/\?.*$/, '');
}
