/** The file, the arguments or an app's config can't be used: nothing was touched. */

export class UnusableError extends Error {}
