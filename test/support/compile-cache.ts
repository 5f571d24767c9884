/** Hundreds of processes of ours are started by tests and labs; without Node's cache each strips and compiles anew. */

import { fileURLToPath } from 'node:url';

/** For the environment; whoever has set one keeps it. */
export const NODE_COMPILE_CACHE =
  process.env.NODE_COMPILE_CACHE ?? fileURLToPath(new URL('../../node_modules/.cache/node-compile', import.meta.url));
