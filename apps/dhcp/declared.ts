/** What the app has in the pipeline, and what it counts. */

export const TABLES = {
  guard: { stage: 'admit' },
  respond: { stage: 'respond' },
} as const;

export const COUNTERS = {
  offered: 'Addresses that were offered',
  acknowledged: 'Leases that were given or prolonged',
  refused: 'Requests for addresses that the client may not have',
  exhausted: 'Clients for whom there was no address left',
  conflicts: 'Addresses that somebody used without a lease',
  limited: 'Clients that got none because their port has as many as it may',
  passedOn: 'Messages of clients that were passed on to another server',
  answered: "Other servers' answers that were passed on to their clients",
  lost: 'Messages that could not be passed on',
  advertised: 'Router advertisements',
  unread: 'Messages that were no sound requests, or of no segment that is served',
} as const;
