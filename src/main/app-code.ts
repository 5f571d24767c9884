/** The code of apps by path and package: imported when it is new or has changed, and otherwise what runs already. */

import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { wrongShape } from '../app/app-shape.ts';
import type { AnyApp } from '../app/define-app.ts';
import type { FindApp } from '../control/load-apps.ts';
import { GONE, importedFiles, packageFrom, stampOf } from './resolve-flowloom.ts';

/** Code that runs here already, by path or package: what `plan` may make second instances of. */
export interface AppCode {
  /** Imports what is new or has changed, and remembers what it found. */
  find: FindApp;
  /** Only what was remembered; with its files' changes since then. */
  known(name: string, folder: string): { app: AnyApp; changed: boolean } | undefined;
  /** Which code that app is; and why newer code of it could not be loaded. */
  about(app: AnyApp): CodeOfApp;
  /** The app that a file is of. */
  appAt(file: string): string | undefined;
  /** Every file that an app by path is made of. */
  files(): string[];
}

export interface CodeOfApp {
  /** Its path, or its package; null: it is built in. */
  from: string | null;
  /** Milliseconds since 1970; null: with Flowloom itself. */
  loadedAt: number | null;
  refused: string | null;
}

interface Remembered {
  app: AnyApp;
  /** What it is made of, and a stamp of each as it was read; more may come, where it imports as it runs. */
  files(): [file: string, stamp: string][];
}

/** Each import of an app by path is a module of its own; the earlier ones stay in memory until the process ends. */
let loads = 0;

export function createAppCode(): AppCode {
  const remembered = new Map<string, Remembered>();
  /** What is wrong with the code as it is now, by the same keys. */
  const refused = new Map<string, string>();
  const origins = new WeakMap<AnyApp, { from: string; loadedAt: number }>();
  const keyOf = (name: string, folder: string) => (isPath(name) ? resolve(folder, name) : name);
  return {
    async find(name, folder, source, problems) {
      const key = keyOf(name, folder);
      const found = remembered.get(key);
      refused.delete(key);
      if (found !== undefined && !hasChanged(found)) return found.app;
      const tell = (message: string, fix: string) => {
        problems.push({ source, message, fix });
        if (found !== undefined) refused.set(key, message);
      };
      const load = ++loads;
      const specifier = isPath(name) ? `${pathToFileURL(key).href}?load=${load}` : packageFrom(name, resolve(folder));
      const before = stampOf(key);
      try {
        const app = appIn(await import(specifier), name, tell);
        if (app === undefined) return undefined;
        origins.set(app, { from: key, loadedAt: Date.now() });
        remembered.set(key, { app, files: () => (isPath(name) ? [[key, before], ...importedFiles(load)] : []) });
        return app;
      } catch (error) {
        tell(...whyNot(name, key, error as Error));
        return undefined;
      }
    },
    known(name, folder) {
      const found = remembered.get(keyOf(name, folder));
      return found === undefined ? undefined : { app: found.app, changed: hasChanged(found) };
    },
    about(app) {
      const origin = origins.get(app);
      if (origin === undefined) return { from: null, loadedAt: null, refused: null };
      return { ...origin, refused: refused.get(origin.from) ?? null };
    },
    appAt(file) {
      for (const { app, files } of remembered.values()) if (files().some(([each]) => each === file)) return app.name;
      return file.startsWith(BUILT_IN) ? file.slice(BUILT_IN.length).split('/')[0] : undefined;
    },
    files: () => [...remembered.values()].flatMap(({ files }) => files().map(([file]) => file)),
  };
}

/** Beside the sources, or beside what was built of them. */
const BUILT_IN = fileURLToPath(new URL('../../apps/', import.meta.url));

export function isPath(name: string): boolean {
  return /^[./]/.test(name);
}

function hasChanged({ files }: Remembered): boolean {
  return files().some(([file, stamp]) => stampOf(file) !== stamp);
}

function appIn(module: { default?: unknown }, name: string, tell: (message: string, fix: string) => void) {
  const app = module.default as Partial<AnyApp> | undefined;
  const wrong = typeof app === 'object' && app !== null ? wrongShape(app) : undefined;
  if (app === undefined || app === null || typeof app !== 'object') {
    const others = Object.keys(module).filter((each) => each !== 'default');
    const instead = others.length === 0 ? '' : `, only ${others.join(', ')}`;
    tell(`${name} has no default export${instead}`, 'write `export default defineApp({ name, attach })` in it');
  } else if (typeof app.attach !== 'function' && typeof app.setup !== 'function') {
    tell(`${name} exports no app: it has neither attach nor setup`, 'give defineApp one of them');
  } else if (typeof app.name !== 'string' || !/^[a-z][a-z0-9-]*$/.test(app.name)) {
    const fix = 'name it in small letters, digits and hyphens, like my-app';
    tell(`${name}: ${JSON.stringify(app.name)} is no name for an app`, fix);
  } else if (wrong !== undefined) {
    tell(`${name} exports no app: its \`${wrong.where}\` is not right`, wrong.fix);
  } else return app as AnyApp;
  return undefined;
}

/** The first file in a stack, which for syntax stands above it on a line of its own. */
const PLACE = /(?:^|\(|at |async )(?<file>file:\/\/\/[^\s?]+?|\/[^\s?]+?)(?:\?[^\s:)]*)?:(?<line>\d+)(?::\d+)?\)?$/m;

/** What is wrong in the user's words, with file and line where Node tells them. `key`: the path of one by path. */
function whyNot(name: string, key: string, error: Error): [message: string, fix: string] {
  const { code, url } = error as Error & { code?: string; url?: string };
  if (code === 'ERR_MODULE_NOT_FOUND' && !isPath(name) && error.message.includes(`'${name}'`)) {
    return [
      `there is no app ${name}: it is not built in, and no package of that name is installed beside the file`,
      '`flowloom app list` names those built in; a path starts with ./',
    ];
  }
  if (isPath(name) && stampOf(key) === GONE)
    return [`app ${name} can't be loaded: there is no such file`, 'mend the path'];
  if (code === 'ERR_UNSUPPORTED_DIR_IMPORT' && isPath(name) && isFolder(key))
    return [`${name} is a folder`, nameIndex(name, key)];
  const at = PLACE.exec(`${url ?? ''}\n${error.stack ?? ''}`)?.groups;
  const file = at?.file?.startsWith('file:') === true ? fileURLToPath(at.file) : at?.file;
  // Where something is missing Node's own message names who imported it.
  const isKnown = file === undefined || code === 'ERR_MODULE_NOT_FOUND';
  const place = isKnown ? '' : `, at ${file}:${at?.line}`;
  const reason = error.message.replaceAll(/\?load=\d+/g, '');
  return [
    `app ${name} can't be loaded: ${reason}${place}`,
    isPath(name) ? 'mend the file or its path' : 'mend the package',
  ];
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** `flowloom app new` writes a folder: the app in it is its index. */
function nameIndex(name: string, folder: string): string {
  const index = ['index.ts', 'index.js'].find((file) => stampOf(join(folder, file)) !== GONE);
  return index === undefined ? "name the app's file in it" : `name its file, ${name.replace(/\/+$/, '')}/${index}`;
}
