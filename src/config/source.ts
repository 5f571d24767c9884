/** Where something stands in the user's file: `flowloom.yaml:12`. */
export type Source = string;
