import { Button, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';

/** Changes between light and dark; what the system prefers holds until then. */
export function ColorScheme() {
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  return (
    <Button variant="subtle" color="gray" size="sm" onClick={() => setColorScheme(isDark ? 'light' : 'dark')}>
      {isDark ? 'Light' : 'Dark'}
    </Button>
  );
}
