/** What an app declares on a switch, as text: its attach and setup run on a switch that is only told of. */

import type { AnyApp } from '../app/define-app.ts';
import { createAppHost } from '../app/host.ts';
import { rehearse } from '../app/rehearse.ts';
import { flowLines } from './flow-line.ts';
import { portMac } from './mac.ts';

export interface DeclaredOptions {
  /** The app's part of the file; checked by its schema. */
  config?: unknown;
  /** Names of the switch's ports, numbered from 1. */
  ports?: string[];
  /** Apps whose fields or services it uses. */
  beside?: AnyApp[];
}

/**
 * The app's flows in the order of tables and of falling priority, in the words of ovs-ofctl:
 * `admit priority=100,tcp,tp_dst=23 actions=drop`. Throws where the app, its config or a flow can't be.
 */
export function declared(app: AnyApp, { config = {}, ports = [], beside = [] }: DeclaredOptions = {}): string[] {
  const host = createAppHost();
  const requests = [...beside, app].map((definition) => ({
    definition,
    config: definition === app ? config : {},
    source: definition.name,
    sources: {},
  }));
  const problems = host.load(requests);
  if (problems.length > 0) throw new Error(problems.map(({ message, fix }) => `${message}: ${fix}`).join('\n'));
  const shadow = {
    dpid: '0000000000000001',
    name: 'hv1/br0',
    host: 'hv1',
    bridge: 'br0',
    ports: new Map(
      ports.map((name, index) => {
        const number = index + 1;
        return [number, { number, name, mac: portMac(0, number), up: true }];
      }),
    ),
    flows: new Map(),
  };
  const { woven, failed } = rehearse(host.copy(), shadow, undefined);
  const wrong = [...[...failed].map(([name, error]) => `app "${name}" failed in ${error}`), ...woven.errors];
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  const own = [...woven.flows.values()].filter((flow) => flow.app === app.name);
  return flowLines(own, host.plan.name);
}
