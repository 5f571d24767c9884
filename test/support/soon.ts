/** How long a test waits for what must come to be. It only bounds what never comes: a machine may be busy. */
export const SOON = { timeout: 60_000, interval: 20 };
