import { Anchor, Box, Button, Container, Group, Menu } from '@mantine/core';
import { Link } from 'wouter';
import type { SessionView } from '../../src/desk/contract.js';
import { signOut } from './api.js';
import { ColorScheme } from './color-scheme.js';

/** What stands above every page: the way back to the list, and who is signed in. */
export function PageHeader({ person }: { readonly person: SessionView['person'] }) {
  return (
    <Box px="md" h="100%">
      <Container size="lg" px={0} h="100%" className="page-header">
        <Group h="100%" justify="space-between" wrap="nowrap" gap="xs">
          <Anchor component={Link} href="/desk" c="inherit" fw={600} underline="never" flex="none">
            Compliance desk
          </Anchor>
          <Menu position="bottom-end" width={220}>
            <Menu.Target>
              <Button variant="default" size="sm" px="sm" miw={0}>
                {person.name}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Label>
                {person.roles.length === 0 ? 'No role at this desk' : person.roles.join(', ')}
              </Menu.Label>
              <ColorScheme />
              <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Group>
      </Container>
    </Box>
  );
}
