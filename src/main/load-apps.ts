/** Finds the apps that the file and the command line name: built in, by path, or by package. */

import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import firewall from '../../apps/firewall/index.ts';
import learningSwitch from '../../apps/learning-switch/index.ts';
import nat from '../../apps/nat/index.ts';
import router from '../../apps/router/index.ts';
import segments from '../../apps/segments/index.ts';
import staticFlows from '../../apps/static-flows/index.ts';
import tableMiss from '../../apps/table-miss/index.ts';
import type { AnyApp } from '../app/define-app.ts';
import type { AppProblem, AppRequest } from '../app/host.ts';
import type { AppEntry, Config } from '../config/model.ts';

/** Always there with a file; they declare nothing where it says nothing. Their order gives the tables their ids. */
const NETWORK_APPS: AnyApp[] = [segments, router, nat, firewall, tableMiss];
const BUILT_IN: AnyApp[] = [...NETWORK_APPS, staticFlows, learningSwitch];

/** The app that a name of the file or the command line means; where there is none, a problem. */
export type FindApp = (
  name: string,
  folder: string,
  source: string,
  problems: AppProblem[],
) => Promise<AnyApp | undefined>;

/** Apps of a path are imported anew at each reload; the old module stays in memory until the process ends. */
let reloads = 0;

/** `paths`: what `--app` names, relative to the working directory. */
export async function requestApps(
  config: Config | undefined,
  paths: string[],
  find: FindApp = importApp,
): Promise<{ requests: AppRequest[]; problems: AppProblem[] }> {
  reloads++;
  const requests: AppRequest[] = [];
  const problems: AppProblem[] = [];
  const entries = new Map((config?.apps ?? []).map((entry) => [entry.name, entry]));
  for (const definition of config === undefined ? [learningSwitch] : NETWORK_APPS) {
    requests.push(request(definition, entries.get(definition.name), config));
    entries.delete(definition.name);
  }
  for (const entry of entries.values()) {
    const builtIn = BUILT_IN.find(({ name }) => name === entry.name);
    const loaded = builtIn ?? (await find(entry.name, dirname(config?.file ?? '.'), entry.source, problems));
    if (loaded !== undefined) requests.push(request(loaded, entry, config));
  }
  for (const path of paths) {
    const loaded = await find(resolve(path), '.', `--app ${path}`, problems);
    if (loaded !== undefined) requests.push({ definition: loaded, config: {}, source: `--app ${path}`, sources: {} });
  }
  return { requests, problems };
}

function request(definition: AnyApp, entry: AppEntry | undefined, config: Config | undefined): AppRequest {
  return {
    definition,
    config: entry?.config ?? {},
    source: entry?.source ?? config?.file ?? 'the default',
    sources: entry?.sources ?? {},
  };
}

/** An app that was loaded, and when its file had been changed last. */
interface Remembered {
  app: AnyApp;
  changedAt: number | undefined;
}

/** Code that runs here already, by path or package: what `plan` may make second instances of. */
export interface AppCode {
  /** Imports, and remembers what it found. */
  find: FindApp;
  /** Only what was remembered; with its file's change since then. */
  known(name: string, folder: string): { app: AnyApp; changed: boolean } | undefined;
}

export function createAppCode(): AppCode {
  const remembered = new Map<string, Remembered>();
  const keyOf = (name: string, folder: string) => (isPathOf(name) ? resolve(folder, name) : name);
  return {
    async find(name, folder, source, problems) {
      const key = keyOf(name, folder);
      const changedAt = changeOf(key);
      const app = await importApp(name, folder, source, problems);
      if (app !== undefined) remembered.set(key, { app, changedAt });
      return app;
    },
    known(name, folder) {
      const key = keyOf(name, folder);
      const found = remembered.get(key);
      return found === undefined ? undefined : { app: found.app, changed: changeOf(key) !== found.changedAt };
    },
  };
}

function isPathOf(name: string): boolean {
  return /^[./]/.test(name);
}

function changeOf(path: string): number | undefined {
  return isPathOf(path) ? statSync(path, { throwIfNoEntry: false })?.mtimeMs : undefined;
}

async function importApp(
  name: string,
  folder: string,
  source: string,
  problems: AppProblem[],
): Promise<AnyApp | undefined> {
  const isPath = isPathOf(name);
  const specifier = isPath ? `${pathToFileURL(resolve(folder, name)).href}?load=${reloads}` : name;
  try {
    const loaded = ((await import(specifier)) as { default?: AnyApp }).default;
    const acts = [loaded?.attach, loaded?.setup].some((each) => typeof each === 'function');
    if (typeof loaded?.name === 'string' && acts) return loaded;
    problems.push({
      source,
      message: `${name} exports no app`,
      fix: 'write `export default defineApp({ name, attach })` in it',
    });
  } catch (error) {
    const { message } = error as Error;
    problems.push({
      source,
      message: `app ${name} can't be loaded: ${message}`,
      fix: isPath
        ? 'mend the file or its path'
        : `built in are ${BUILT_IN.map((app) => app.name).join(', ')}; a path starts with ./`,
    });
  }
  return undefined;
}
