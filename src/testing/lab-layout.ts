/** Which switches a lab has, with which ports: those that a test names, or the bridges of a file. */

import type { Binding } from '../app/switch-site.ts';
import type { Config } from '../config/model.ts';
import { tunnelPorts } from '../config/tunnel.ts';
import type { SwitchPort } from '../sim/switch-state.ts';
import { portMac } from './mac.ts';
import { unknown } from './place.ts';

export interface LaidPort {
  portNo: number;
  name: string;
  hwAddr: string;
  tunnel?: SwitchPort['tunnel'];
}

export interface LaidSwitch {
  /** `s1`, `hv1/br0` */
  name: string;
  dpid: bigint;
  /** Of its own port. */
  bridge: string;
  ports: LaidPort[];
  /** Which bridge of the file it is; undefined: there is no file. */
  binding: Binding | undefined;
}

/** `named`: switches to the names of their ports; with a file, of ports that it has besides those that the file names. */
export function layOut(config: Config | undefined, named: Readonly<Record<string, readonly string[]>>): LaidSwitch[] {
  if (config === undefined) {
    return Object.entries(named).map(([name, ports], index) =>
      laid(
        index,
        name,
        name,
        [...ports].map((port) => ({ name: port })),
        undefined,
      ),
    );
  }
  const bridges = config.bridges
    .filter(({ forwarding }) => forwarding === 'flows')
    .flatMap((bridge) => bridge.hosts.map((host) => ({ bridge, host, name: `${host}/${bridge.name}` })));
  for (const name of Object.keys(named)) {
    if (!bridges.some((each) => each.name === name))
      throw unknown(
        'switch',
        name,
        bridges.map((each) => each.name),
      );
  }
  return bridges.map(({ bridge, host, name }, index) => {
    const own = bridge.ports
      .filter((port) => port.host === host && port.select === undefined && port.name !== bridge.name)
      .flatMap((port) => port.bond ?? [port.name]);
    const local = config.hosts.find((each) => each.name === host)?.underlay ?? '';
    const tunnels = tunnelPorts(config, host, bridge).map(({ name: port, overlay, peer }) => ({
      name: port,
      tunnel: { kind: overlay.type, remote: peer?.address ?? 'flow', local, key: 'flow' } as const,
    }));
    const others = [...own, ...(named[name] ?? [])].map((port) => ({ name: port }));
    return laid(index, name, bridge.name, [...others, ...tunnels], { host, bridge: bridge.name });
  });
}

function laid(
  index: number,
  name: string,
  bridge: string,
  ports: Omit<LaidPort, 'portNo' | 'hwAddr'>[],
  binding: Binding | undefined,
): LaidSwitch {
  const number = index + 1;
  const numbered = ports.map((port, at) => ({ ...port, portNo: at + 1, hwAddr: portMac(number, at + 1) }));
  return { name, dpid: BigInt(number), bridge, ports: numbered, binding };
}
