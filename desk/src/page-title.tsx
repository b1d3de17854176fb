import { Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useEffect, useRef } from 'react';

/** The heading of a page. It takes the focus, so that the keyboard and a screen reader go on where the page begins. */
export function PageTitle({ children, page }: { readonly children: string; readonly page: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useDocumentTitle(`${page} – Compliance desk`);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <Title order={1} size="h2" ref={heading} tabIndex={-1} className="page-title">
      {children}
    </Title>
  );
}
