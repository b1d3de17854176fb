import { Alert, Anchor, AppShell, Center, Container, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, Route, Switch } from 'wouter';
import { fetchSession, isSignedOut, NO_FILTER } from './api.js';
import { CaseListPage } from './case-list.js';
import { CasePage } from './case-page.js';
import { PageHeader } from './page-header.js';
import { PageTitle } from './page-title.js';
import { Problem } from './problem.js';

/** Who is signed in, above the page that they are on. */
export function App() {
  const session = useQuery({
    queryKey: ['session'],
    queryFn: fetchSession,
    staleTime: Number.POSITIVE_INFINITY,
  });
  // Kept here, so that whoever comes back from a case finds the list as they left it.
  const [filter, setFilter] = useState(NO_FILTER);
  if (session.isPending || isSignedOut(session.error))
    return (
      <Center h="100vh">
        <Loader aria-label="Loading" />
      </Center>
    );
  if (session.isError)
    return (
      <Container size="xs" pt="xl">
        <Problem title="The desk cannot be reached" error={session.error} />
      </Container>
    );
  const { person, may } = session.data;
  return (
    <AppShell header={{ height: 56 }} padding="md">
      <AppShell.Header>
        <PageHeader person={person} />
      </AppShell.Header>
      <AppShell.Main>
        <Container size="lg" px={0}>
          {may.includes('view_cases') ? (
            <Switch>
              <Route path="/desk">
                <CaseListPage subject={person.subject} filter={filter} onFilter={setFilter} />
              </Route>
              <Route path="/desk/cases/:caseId">
                {({ caseId }) => (
                  <CasePage
                    caseId={caseId}
                    viewer={{ subject: person.subject, mayViewPerson: may.includes('view_personal_data') }}
                  />
                )}
              </Route>
              <Route>
                <PageTitle page="No such page">There is no such page</PageTitle>
                <Anchor component={Link} href="/desk">
                  To the cases
                </Anchor>
              </Route>
            </Switch>
          ) : (
            <Alert title="You have no role at this desk" color="gray" variant="outline">
              Ask whoever keeps your company's sign-in to give you one: officer, approver, auditor, engineer
              or admin.
            </Alert>
          )}
        </Container>
      </AppShell.Main>
    </AppShell>
  );
}
