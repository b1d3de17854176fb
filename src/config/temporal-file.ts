/**
 * Takes the environment; returns true where it asks for Temporal's own configuration file (`@temporalio/envconfig`),
 * which may hold the address. Otherwise that file is not read, so that nothing in a home directory redirects the service.
 */
export function namesTemporalFile(env: Readonly<Record<string, string | undefined>>): boolean {
  return Boolean(env['TEMPORAL_CONFIG_FILE'] || env['TEMPORAL_PROFILE']);
}
