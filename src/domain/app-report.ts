/** What the app told us through our own API; takes the same way into the workflow as IDWise's events. */
export type AppReport =
  | { readonly kind: 'registered' }
  | { readonly kind: 'journey_started'; readonly journeyId: string }
  | { readonly kind: 'journey_submitted'; readonly journeyId: string }
  | { readonly kind: 'journey_cancelled'; readonly journeyId: string };
