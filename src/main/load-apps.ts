/** Finds the apps that the file and the command line name: built in, by path, or by package. */

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

/** Apps of a path are imported anew at each reload; the old module stays in memory until the process ends. */
let reloads = 0;

/** `paths`: what `--app` names, relative to the working directory. */
export async function requestApps(
  config: Config | undefined,
  paths: string[],
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
    const loaded = builtIn ?? (await importApp(entry.name, dirname(config?.file ?? '.'), entry.source, problems));
    if (loaded !== undefined) requests.push(request(loaded, entry, config));
  }
  for (const path of paths) {
    const loaded = await importApp(resolve(path), '.', `--app ${path}`, problems);
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

async function importApp(
  name: string,
  folder: string,
  source: string,
  problems: AppProblem[],
): Promise<AnyApp | undefined> {
  const isPath = /^[./]/.test(name);
  const specifier = isPath ? `${pathToFileURL(resolve(folder, name)).href}?load=${reloads}` : name;
  try {
    const loaded = ((await import(specifier)) as { default?: AnyApp }).default;
    if (typeof loaded?.name === 'string' && typeof loaded.attach === 'function') return loaded;
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
