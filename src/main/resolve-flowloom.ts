/**
 * `import … from 'flowloom'` in an app means the copy that runs, wherever the app's file lies. What an app by path imports
 * of its own is imported anew with it, and remembered.
 */

import { statSync } from 'node:fs';
import { type RegisterHooksOptions, type ResolveHookContext, registerHooks } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const extension = extname(new URL(import.meta.url).pathname);
const own = (path: string) => new URL(path, import.meta.url).href;

/** For `node --import`: what registers the hooks of this module. */
export const REGISTER = own(`./register${extension}`);

/** Public entries, and what of ours each is. */
const ENTRIES = new Map([
  ['flowloom', own(`../index${extension}`)],
  ['flowloom/ovsdb', own(`../ovsdb/index${extension}`)],
  ['flowloom/testing', own(`../testing/index${extension}`)],
]);

/** `flowloom/apps/router`: the services that a built-in app offers. */
function servicesOf(specifier: string): string | undefined {
  const app = /^flowloom\/apps\/([a-z-]+)$/.exec(specifier)?.[1];
  return app === undefined ? undefined : own(`../../apps/${app}/services${extension}`);
}

/** Code that must be there once, however often an app is imported. */
const SHARED = [own('../'), own('../../proto/')];

/** A package as it is seen from a folder, for `import()`. */
const FROM = 'flowloom-package:';

/** By the number of an app's import: the files that came with it. */
const imported = new Map<string, Map<string, string>>();
let registered = false;

export function resolveFlowloom(): void {
  if (registered) return;
  registered = true;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const entry = ENTRIES.get(specifier) ?? servicesOf(specifier);
      if (entry !== undefined) return nextResolve(entry, context);
      if (specifier.startsWith(FROM)) {
        const [name = '', folder = ''] = specifier.slice(FROM.length).split(' ');
        return resolvePackage(name, { ...context, parentURL: `${folder}/x.js` }, context, nextResolve);
      }
      const found = nextResolve(specifier, context);
      const load = /\?load=(\d+)$/.exec(context.parentURL ?? '')?.[1];
      if (load === undefined || !isOfApp(found.url)) return found;
      const files = imported.get(load) ?? new Map<string, string>();
      imported.set(load, files);
      const file = fileURLToPath(found.url);
      // Before it is read: a change meanwhile is seen as one.
      if (!files.has(file)) files.set(file, stampOf(file));
      return { ...found, url: `${found.url}?load=${load}` };
    },
  });
}

type Next = Parameters<NonNullable<RegisterHooksOptions['resolve']>>[2];

function resolvePackage(name: string, fromFile: ResolveHookContext, fromUs: ResolveHookContext, next: Next) {
  try {
    return next(name, fromFile);
  } catch {
    return next(name, fromUs);
  }
}

function isOfApp(url: string): boolean {
  if (!url.startsWith('file:') || url.includes('?') || url.includes('/node_modules/')) return false;
  return !SHARED.some((folder) => url.startsWith(folder));
}

/** What to import for a package that is installed beside the user's file, or beside Flowloom. */
export function packageFrom(name: string, folder: string): string {
  return registered ? `${FROM}${name} ${pathToFileURL(folder).href}` : name;
}

/** What the app's import of that number brought with it so far, each with the stamp of what was read. */
export function importedFiles(load: number): Iterable<[file: string, stamp: string]> {
  return imported.get(String(load)) ?? [];
}

/** Of a file that is not there. */
export const GONE = 'gone';

/** Changes when the file does. */
export function stampOf(file: string): string {
  try {
    const stat = statSync(file, { throwIfNoEntry: false });
    return stat === undefined ? GONE : `${stat.mtimeMs}/${stat.size}/${stat.ino}`;
  } catch (error) {
    // A folder on its way may not be read, say, or a link leads to itself.
    return (error as NodeJS.ErrnoException).code ?? GONE;
  }
}
