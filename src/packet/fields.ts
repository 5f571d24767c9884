/** The type of a header's fields as a builder takes them: some must be given, the others have defaults. */

/** `Required` are the names that have no default; undefined stands for the default as well. */
export type Fields<Header, Required extends keyof Header = never> = Pick<Header, Required> & {
  [Name in Exclude<keyof Header, Required>]?: Header[Name] | undefined;
};
