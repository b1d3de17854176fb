import { Menu, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';

/** Changes between light and dark; what the system prefers holds until then. */
export function ColorScheme() {
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  return (
    <Menu.Item onClick={() => setColorScheme(isDark ? 'light' : 'dark')}>
      {isDark ? 'Light mode' : 'Dark mode'}
    </Menu.Item>
  );
}
