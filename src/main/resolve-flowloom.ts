/** `import … from 'flowloom'` in an app means the copy that runs, wherever the app's file lies. */

import { registerHooks } from 'node:module';
import { extname } from 'node:path';

export function resolveFlowloom(): void {
  const extension = extname(new URL(import.meta.url).pathname);
  const index = new URL(`../index${extension}`, import.meta.url).href;
  const ovsdb = new URL(`../ovsdb/index${extension}`, import.meta.url).href;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier === 'flowloom') return nextResolve(index, context);
      if (specifier === 'flowloom/ovsdb') return nextResolve(ovsdb, context);
      return nextResolve(specifier, context);
    },
  });
}
