/** The ports that a bridge would have under another file: those that go are left out, new ones get a number for now. */

import { RESERVED_PORTS } from '../../proto/openflow/reserved-numbers.ts';
import type { AppPort } from '../app/switch-view.ts';
import type { Config } from '../config/model.ts';
import { tunnelPorts } from '../config/tunnel.ts';

export interface PlannedPorts {
  ports: ReadonlyMap<number, AppPort>;
  /** Ports that do not exist yet, by the number that stands for them. */
  invented: ReadonlyMap<number, string>;
}

/** The highest number that Open vSwitch gives a port; it begins at 1. */
const LAST_PORT = 0xfeff;
const NO_MAC = '00:00:00:00:00:00';

/**
 * `existing`: the bridge's interfaces by OVSDB; one of them may wait for its device, and so be no port of the switch.
 * `before`: the file in force; what is in neither file is somebody else's and stays.
 */
export function plannedPorts(
  at: { host: string; bridge: string },
  ports: ReadonlyMap<number, AppPort>,
  existing: ReadonlySet<string>,
  before: Config | undefined,
  after: Config,
): PlannedPorts {
  const names = portNames(after, at);
  const gone = portNames(before, at);
  for (const name of names) gone.delete(name);
  const planned = new Map([...ports].filter(([, { name }]) => !gone.has(name)));
  const present = new Set([...existing, ...Array.from(planned.values(), ({ name }) => name)]);
  const known = portNames(before, at);
  const invented = new Map<number, string>();
  let number = LAST_PORT;
  for (const name of names) {
    // A port that the file in force has and the switch has not is waited for; that goes on.
    if (present.has(name) || known.has(name)) continue;
    while (planned.has(number)) number--;
    invented.set(number, name);
    planned.set(number, { number, name, mac: NO_MAC, up: true });
  }
  return { ports: planned, invented };
}

/** The ports of a bridge that is no switch of ours yet; `interfaces`: what it has, where it exists. */
export function portsOfNewBridge(
  at: { host: string; bridge: string },
  interfaces: { name: string; ofport: number | undefined; mac: string | undefined; link: string | undefined }[],
  after: Config,
): PlannedPorts {
  const number = RESERVED_PORTS.local;
  const ports = new Map<number, AppPort>([[number, { number, name: at.bridge, mac: NO_MAC, up: true }]]);
  for (const { name, ofport, mac = NO_MAC, link } of interfaces) {
    if (ofport !== undefined && ofport > 0) ports.set(ofport, { number: ofport, name, mac, up: link === 'up' });
  }
  return plannedPorts(at, ports, new Set(interfaces.map(({ name }) => name)), undefined, after);
}

function portNames(config: Config | undefined, { host, bridge }: { host: string; bridge: string }): Set<string> {
  const found = config?.bridges.find((each) => each.name === bridge && each.hosts.includes(host));
  if (config === undefined || found === undefined) return new Set();
  // What a selector stands for is made by others.
  const own = found.ports.filter((port) => port.host === host && port.select === undefined).map(({ name }) => name);
  return new Set([...own, ...tunnelPorts(config, host, found).map(({ name }) => name)]);
}

/** Says the ports' names where the text of a flow has the numbers that stand for them. */
export function nameInvented(text: string, invented: ReadonlyMap<number, string>): string {
  if (invented.size === 0) return text;
  return text
    .replace(/(\bin_port=|\boutput:|\bport=)(\d+)\b/g, (all, word: string, number: string) => {
      const name = invented.get(Number(number));
      return name === undefined ? all : `${word}${name}`;
    })
    .replace(/(\breg\d+=|\bset_field:|\bload:)(0x[0-9a-f]+)(?=->(?:reg|NXM_NX_REG)|,|$)/g, (all, word, number) => {
      const name = invented.get(Number(number));
      return name === undefined ? all : `${word}${name}`;
    });
}
