import { Alert, Anchor, Text } from '@mantine/core';
import { isSignedOut, signInAddress } from './api.js';

/** Says what went wrong, and, where the session has ended, leads to sign in and back. */
export function Problem({ title, error }: { readonly title: string; readonly error: Error }) {
  return (
    <Alert color="red" variant="outline" title={title}>
      <Text size="sm">{error.message}</Text>
      {isSignedOut(error) && (
        <Anchor href={signInAddress()} size="sm" fw={600}>
          Sign in again
        </Anchor>
      )}
    </Alert>
  );
}
