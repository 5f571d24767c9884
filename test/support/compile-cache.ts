/** Hundreds of processes of ours are started by tests and labs; without Node's cache each strips and compiles anew. */

import { fileURLToPath } from 'node:url';

process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../../node_modules/.cache/node-compile', import.meta.url));
