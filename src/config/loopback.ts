const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** Takes a host, as configured or as a URL names it (IPv6 in brackets); returns true where it is this very machine. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host.replace(/^\[(.*)\]$/, '$1'));
}
