/** What the file says of ports and segments, as far as the topology goes by it. */

import { type AppDatapath, type Config, type Port, tunnelEnds } from '../../src/index.ts';
import type { PortNow } from './ports.ts';
import type { Joined, Place, Segments } from './tree.ts';

/** Stands for what passes a port outside all segments. */
const NO_SEGMENT = 0;
/** OFPP_MAX: above it are no cables. */
const LAST_PORT = 0xffffff00;

export interface View {
  switches: ReadonlyMap<string, AppDatapath>;
  network: Config | undefined;
}

/** The ports of a switch, and which of them may be an end of a cable. */
export function portsOf(dp: AppDatapath, network: Config | undefined): PortNow[] {
  const asked = askedPorts(dp, network);
  return [...dp.ports.values()].map(({ number, name, up }) => ({
    number,
    name,
    up,
    asked: number <= LAST_PORT && (asked === undefined || asked.has(name)),
  }));
}

/**
 * By name; undefined: all of them. Left out are ports that the file does not name, those of tunnels (an overlay joins all
 * with all, and never sends from one tunnel into another), those that the file gives one station's address or MAC, and
 * routers' own outside all segments, by which nothing is switched: a host's stack counts LLDP as lost.
 */
function askedPorts(dp: AppDatapath, network: Config | undefined): ReadonlySet<string> | undefined {
  if (network === undefined) return undefined;
  const outputs = network.bridges
    .filter(({ name }) => name === dp.bridge)
    .flatMap(({ mirrors }) => mirrors)
    .flatMap(({ host, output }) => (host === dp.host && 'port' in output ? [output.port] : []));
  const selves = network.routers
    .filter(({ host, bridge }) => host === dp.host && bridge === dp.bridge)
    .flatMap(({ self }) => (self === undefined || self.interface !== undefined ? [] : [self.port]));
  const ports = portsHere(dp, network).filter(({ macs, addresses }) => macs.length + addresses.length === 0);
  return new Set(ports.map(({ name }) => name).filter((name) => ![...outputs, ...selves].includes(name)));
}

function portsHere(dp: AppDatapath, network: Config): Port[] {
  const bridge = network.bridges.find(({ name, hosts }) => name === dp.bridge && hosts.includes(dp.host ?? ''));
  return (bridge?.ports ?? []).filter(({ host, select }) => host === dp.host && select === undefined);
}

export function segmentsOf(view: () => View): Segments {
  return {
    of({ dpid, port }: Place) {
      const { switches, network } = view();
      const dp = switches.get(dpid);
      if (network === undefined || dp === undefined) return new Set([NO_SEGMENT]);
      const name = dp.ports.get(port)?.name;
      const vlans = portsHere(dp, network).find((each) => each.name === name)?.vlans;
      if (vlans === undefined) return new Set([NO_SEGMENT]);
      const names =
        vlans.mode === 'trunk'
          ? [...vlans.segments, ...(vlans.native === undefined ? [] : [vlans.native])]
          : [vlans.segment];
      return new Set(network.segments.filter((each) => names.includes(each.name)).map(({ id }) => id));
    },
    joined(id) {
      const { switches, network } = view();
      const segment = network?.segments.find((each) => each.id === id);
      if (network === undefined || segment?.overlay === undefined) return new Map();
      const members = [...switches.values()]
        .filter((dp) => hasTunnels(dp, network, segment.name))
        .map(({ dpid }) => dpid);
      const [first] = members.toSorted();
      return new Map(members.map((dpid): [string, string] => [dpid, first ?? dpid])) satisfies Joined;
    },
  };
}

/** vlan_vid carries this bit where there is a tag. */
const TAGGED = 0x1000;

/** The forms in which frames of a segment come in by a trunk: values of vlan_vid. */
export function tagsOf(dp: AppDatapath, network: Config | undefined, number: number, id: number): number[] {
  const name = dp.ports.get(number)?.name;
  const segment = network?.segments.find((each) => each.id === id);
  if (network === undefined || segment === undefined) return [];
  const vlans = portsHere(dp, network).find((each) => each.name === name)?.vlans;
  if (vlans?.mode !== 'trunk') return [];
  const tagged = segment.vlan === undefined ? [] : [TAGGED | segment.vlan];
  if (vlans.native !== segment.name) return tagged;
  return vlans.nativeTagged ? [0, ...tagged] : [0];
}

function hasTunnels(dp: AppDatapath, network: Config, segment: string): boolean {
  const bridge = network.bridges.find(({ name, hosts }) => name === dp.bridge && hosts.includes(dp.host ?? ''));
  if (bridge === undefined || dp.host === undefined) return false;
  return tunnelEnds(network, dp.host, bridge).has(segment);
}

/** Names of the switches of the file, `host/bridge`; undefined: it is not known which there are. */
export function expectedSwitches(network: Config | undefined): string[] | undefined {
  return network?.bridges
    .filter(({ forwarding }) => forwarding === 'flows')
    .flatMap(({ name, hosts }) => hosts.map((host) => `${host}/${name}`));
}
