/** What an app threw, in words. It may be anything: null, or an object that throws again when it is looked at. */

export interface ThrownWords {
  message: string;
  /** undefined: it is no Error, and has none. */
  stack: string | undefined;
}

export function thrownWords(thrown: unknown): ThrownWords {
  try {
    if (!(thrown instanceof Error)) return { message: String(thrown), stack: undefined };
    const { message, stack } = thrown;
    return { message: String(message), stack: stack === undefined ? undefined : String(stack) };
  } catch {
    return { message: 'something that cannot be read', stack: undefined };
  }
}
