/** What our apps declare for bridge hv1/br0 of a file, as ovs-ofctl's text, without a switch. */

import { pino } from 'pino';
import { createAppOnSwitch } from '../../src/app/app-on-switch.ts';
import { type AppHost, createAppHost } from '../../src/app/host.ts';
import { createSwitchSite } from '../../src/app/switch-site.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/model.ts';
import { formatProblems } from '../../src/config/problem.ts';
import { formatActions } from '../../src/flow/text/action-list.ts';
import { formatMatch } from '../../src/flow/text/format-match.ts';
import { formatInstructions } from '../../src/flow/text/instructions.ts';
import { createWeaver } from '../../src/flow/weave/weaver.ts';
import { requestApps } from '../../src/main/load-apps.ts';
import { createConnection } from '../../src/openflow/connection.ts';
import { createDatapath } from '../../src/openflow/datapath.ts';
import { createPeer } from '../openflow/peer.ts';

export interface Woven {
  /** `90,1 ip,reg10=… actions=…`, by table and falling priority. */
  flows: { app: string; table: number; line: string; intent: string; source: string | undefined }[];
  /** `all loc: [actions] [actions]` */
  groups: string[];
  errors: string[];
}

const unused = () => undefined;
const silent = pino({ level: 'silent' });

/**
 * `portNames` are the switch's ports, numbered from 1; `selected` puts the ports in that selectors select; `later` is a
 * file that takes the place of `text`.
 */
export async function weave(
  text: string,
  portNames: string[],
  selected = (config: Config): Config => config,
  later?: string,
): Promise<Woven> {
  const host = createAppHost();
  const first = await load(host, text);
  const connection = createConnection(createPeer().ours, 'peer', { message: unused, error: unused, close: unused });
  const ports = portNames.map((name, index) => ({
    portNo: index + 1,
    hwAddr: `02:00:00:00:ff:0${index + 1}`,
    name,
    config: [],
    state: [],
    properties: [],
  }));
  const events = { packetIn: unused, portChanged: unused, flowRemoved: unused, error: unused, close: unused };
  const datapath = createDatapath(connection, 1n, { hwDesc: '', swDesc: '' }, ports, events);
  const silence = { synchronised: unused, refused: unused, failed: unused };
  const site = createSwitchSite(datapath, () => ({ host: 'hv1', bridge: 'br0' }), host, silence, silent);
  const weaver = createWeaver(host.plan);
  const attached = [...host.apps.values()].map((app) => createAppOnSwitch(app, site, weaver, silent));
  for (const app of attached) app.attach(selected(first));
  if (later !== undefined) {
    weaver.weave();
    const second = await load(host, later);
    for (const app of attached) app.reloaded(selected(second));
  }
  const { flows, groups, errors } = weaver.weave();
  const failed = [...host.apps.values()].flatMap(({ name, error }) => (error === null ? [] : [`${name}: ${error}`]));
  const woven: Woven = {
    flows: [...flows.values()]
      .toSorted((a, b) => a.tableId - b.tableId || b.priority - a.priority)
      .map(({ app, tableId, priority, match, instructions, intent }) => ({
        app,
        table: tableId,
        line: `${tableId},${priority} ${formatMatch(match)} actions=${formatInstructions(instructions)}`,
        intent: intent.text,
        source: intent.source,
      })),
    groups: [...groups.values()].map(
      ({ key, buckets }) => `${key}: ${buckets.map(({ actions }) => `[${formatActions(actions)}]`).join(' ')}`,
    ),
    errors: [...errors, ...failed],
  };
  for (const app of attached) app.detach();
  connection.close('woven');
  return woven;
}

async function load(host: AppHost, text: string): Promise<Config> {
  const loaded = parseConfig(text, 'f.yaml');
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  const { requests } = await requestApps(loaded.config, []);
  const problems = host.load(requests);
  if (problems.length > 0) throw new Error(formatProblems(problems));
  return loaded.config;
}

/** The lines of one app. */
export function linesOf({ flows }: Woven, app: string): string[] {
  return flows.filter((flow) => flow.app === app).map(({ line }) => line);
}
