/** Finds the apps that the file and the command line name: built in, by path, or by package. */

import { dirname, resolve } from 'node:path';
import dhcp from '../../apps/dhcp/index.ts';
import firewall from '../../apps/firewall/index.ts';
import learningSwitch from '../../apps/learning-switch/index.ts';
import nat from '../../apps/nat/index.ts';
import router from '../../apps/router/index.ts';
import segments from '../../apps/segments/index.ts';
import staticFlows from '../../apps/static-flows/index.ts';
import tableMiss from '../../apps/table-miss/index.ts';
import topology from '../../apps/topology/index.ts';
import type { AppProblem, AppRequest } from '../app/app-request.ts';
import type { AnyApp } from '../app/define-app.ts';
import type { TableSpec } from '../app/table-spec.ts';
import type { AppEntry, Config } from '../config/model.ts';

/** The app that a name of the file or the command line means; where there is none, a problem. */
export type FindApp = (
  name: string,
  folder: string,
  source: string,
  problems: AppProblem[],
) => Promise<AnyApp | undefined>;

/**
 * Always there with a file; they declare nothing where it says nothing. Their order gives the tables their ids, and of
 * those in one stage the order: what the topology closes is closed for all others.
 */
const NETWORK_APPS: AnyApp[] = [topology, segments, router, firewall, nat, dhcp, tableMiss];
/** What Flowloom is without a file: a learning switch, which may be cabled in a ring. */
const PLAIN_APPS: AnyApp[] = [topology, learningSwitch];
const BUILT_IN: AnyApp[] = [...NETWORK_APPS, staticFlows, learningSwitch];

/** For people: what can be named without a path, and where in the pipeline it works. */
export function builtInApps(): { name: string; stages: string[] }[] {
  return BUILT_IN.map(({ name, tables = {} }) => ({
    name,
    stages: [...new Set((Object.values(tables) as TableSpec[]).map(({ stage }) => stage))],
  }));
}

/** One by its name; undefined: there is none. */
export function builtInApp(name: string): AnyApp | undefined {
  return BUILT_IN.find((app) => app.name === name);
}

/** `paths`: what `--app` names, relative to the working directory. */
export async function requestApps(
  config: Config | undefined,
  paths: string[],
  find: FindApp,
): Promise<{ requests: AppRequest[]; problems: AppProblem[] }> {
  const requests: AppRequest[] = [];
  const problems: AppProblem[] = [];
  const entries = new Map((config?.apps ?? []).map((entry) => [entry.name, entry]));
  for (const definition of config === undefined ? PLAIN_APPS : NETWORK_APPS) {
    requests.push(request(definition, entries.get(definition.name), config));
    entries.delete(definition.name);
  }
  for (const entry of entries.values()) {
    const loaded =
      builtInApp(entry.name) ?? (await find(entry.name, dirname(config?.file ?? '.'), entry.source, problems));
    if (loaded !== undefined) requests.push(request(loaded, entry, config));
  }
  for (const path of paths) {
    const loaded = await find(resolve(path), '.', `--app ${path}`, problems);
    if (loaded !== undefined) requests.push({ ...request(loaded, undefined, config), source: `--app ${path}` });
  }
  return { requests, problems };
}

function request(definition: AnyApp, entry: AppEntry | undefined, config: Config | undefined): AppRequest {
  return {
    definition,
    config: entry?.config ?? {},
    source: entry?.source ?? config?.file ?? 'the default',
    sources: entry?.sources ?? {},
    network: config,
  };
}
