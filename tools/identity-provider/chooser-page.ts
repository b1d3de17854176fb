import type { DemoPerson } from './people.js';

/** Takes the id of a sign-in under way and the people; returns the page on which one of them is chosen. */
export function chooserPage(uid: string, people: readonly DemoPerson[]): string {
  const buttons = people
    .map(
      ({ subject, name, roles }) =>
        `<button name="subject" value="${subject}"><b>${name}</b><span>${roles.join(', ')}</span></button>`,
    )
    .join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in (demo)</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 26rem; margin: 10vh auto; padding: 0 1rem; }
  button { display: flex; justify-content: space-between; width: 100%; margin: .5rem 0; padding: .75rem 1rem; font: inherit; border: 1px solid #8886; border-radius: .5rem; background: Canvas; color: CanvasText; cursor: pointer; }
  button:hover, button:focus-visible { outline: 2px solid #2f6fde; }
  p, span { color: color-mix(in srgb, CanvasText 70%, Canvas); }
</style>
</head>
<body>
<h1>Who are you?</h1>
<p>This stand-in for your company's sign-in asks for no password. It runs on this machine only.</p>
<form method="post" action="/choose/${uid}">
${buttons}
</form>
</body>
</html>
`;
}
