/** Flows that the user writes by hand, one by one, in front of everything else. */

import {
  type AppAction,
  type AppFlow,
  type Config,
  type ConfigProblem,
  defineApp,
  type Source,
  z,
} from '../../src/index.ts';
import { actionsOf, type Entry, entry, matchOf } from './entry.ts';

export default defineApp({
  name: 'static-flows',
  config: z.strictObject({ flows: z.array(entry).default([]) }),
  tables: { admit: { stage: 'admit' } },
  check: ({ flows }, network) => (network === undefined ? [] : wrongBridges(flows, network)),
  attach({ dp, config, network, log }) {
    let lines = linesOf(network);
    const update = () => dp.flows.admit.replace(config.flows.flatMap(flowOf));

    function flowOf(each: Entry, index: number): [string, AppFlow][] {
      if (each.on !== undefined && each.on !== dp.name) return [];
      const source = lines[`/flows/${index}`];
      const actions: AppAction[] = [];
      for (const action of each.actions.map((one) => actionsOf(one, (name) => dp.port(name)?.number))) {
        if (typeof action === 'string') {
          log.warn(`flow "${each.intent}"${source === undefined ? '' : ` (${source})`} waits for port "${action}"`);
          return [];
        }
        actions.push(...action);
      }
      const intent = { text: each.intent, ...(source !== undefined && { source }) };
      return [[String(index), { priority: each.priority, match: matchOf(each.match), actions, intent }]];
    }

    update();
    return {
      portUp: update,
      portDown: update,
      // The same flows may stand at other lines now.
      networkChanged(changed) {
        lines = linesOf(changed);
        update();
      },
    };
  },
});

/** Where each entry of the app's part of the file stands. */
function linesOf(network: Config | undefined): Record<string, Source> {
  return network?.apps.find(({ name }) => name === 'static-flows')?.sources ?? {};
}

/** As many bridges as are all named to who misspelt one. */
const FEW = 10;

function wrongBridges(flows: readonly Entry[], network: Config): ConfigProblem[] {
  const forwarding = new Map(
    network.bridges.flatMap((bridge) => bridge.hosts.map((host) => [`${host}/${bridge.name}`, bridge.forwarding])),
  );
  const known = [...forwarding.keys()].filter((name) => forwarding.get(name) === 'flows');
  const names = known.length > FEW ? `HOST/BRIDGE, such as ${known[0]}` : known.join(' or ');
  const fix = known.length === 0 ? 'add it under `bridges`' : `add it under \`bridges\`, or write ${names}`;
  return flows.flatMap(({ on }, index): ConfigProblem[] => {
    if (on === undefined || forwarding.get(on) === 'flows') return [];
    const path = ['flows', index, 'on'];
    if (!forwarding.has(on)) return [{ path, message: `the file has no bridge ${on}`, fix }];
    const message = `bridge ${on} forwards \`normal\`, so no flow of ours stands there`;
    return [{ path, message, fix: 'write `forwarding: flows` for it, or leave the flow out' }];
  });
}
