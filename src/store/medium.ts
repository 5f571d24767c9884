/** What a store's texts are in: a file of SQLite's, or memory. */

/** The texts of a space, whatever holds them. */
export interface Texts {
  get(space: string, key: string): string | undefined;
  set(space: string, key: string, text: string): void;
  delete(space: string, key: string): void;
  entries(space: string): [key: string, text: string][];
}

/** What holds the texts. */
export interface Medium {
  texts: Texts;
  /** undefined: memory. */
  readonly file: string | undefined;
  /** All that `run` sets, or nothing of it where it throws. */
  batch(run: () => void): void;
  close(): void;
}
