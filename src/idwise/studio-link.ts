/**
 * Takes the template of links to IDWise's Studio (`IDWISE_STUDIO_URL_TEMPLATE`; null: it is not known) and a journey's id;
 * returns the journey's link, or null. The id comes from a webhook: it is percent-encoded wherever the template names it,
 * so that it stays one part of the address.
 */
export function studioLink(template: string | null, journeyId: string): string | null {
  if (template === null) return null;
  // By a function, because in a text `$&` would be a pattern and not itself.
  return template.replaceAll('{journeyId}', () => encodeURIComponent(journeyId));
}
