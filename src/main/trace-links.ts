/** Where a frame goes on that leaves by a tunnel, a patch port or a cable: by which port into which switch. */

import { ipv4Number, ipv4Text, ipv6Bytes, ipv6Text } from '../../proto/wire/address.ts';
import type { Config, Port } from '../config/model.ts';
import { type TunnelPort as MeshPort, tunnelPorts } from '../config/tunnel.ts';
import { emptyKey, type Key } from '../sim/key/key.ts';
import { WORD } from '../sim/key/layout.ts';
import type { TunnelPort } from '../sim/switch-state.ts';
import type { LeftFrame } from '../sim/traced-switch.ts';
import type { KnownSwitch, Place } from '../trace/knowledge.ts';
import type { Beyond } from '../trace/traceable.ts';

interface At {
  host: string | undefined;
  bridge: string | undefined;
}

const KINDS = ['vxlan', 'geneve', 'gre'] as const;
const OUTER_TTL = 64;

/** undefined: the port is no tunnel's, as far as the file says. */
export function tunnelOf(network: Config | undefined, at: At, name: string): TunnelPort | undefined {
  const mesh = meshPort(network, at, name);
  const local = network?.hosts.find((host) => host.name === at.host)?.underlay ?? '0.0.0.0';
  if (mesh !== undefined) {
    return { kind: mesh.overlay.type, remote: mesh.peer?.address ?? 'flow', local, key: 'flow' };
  }
  const port = portNamed(network, at, name);
  const kind = KINDS.find((each) => each === port?.type);
  if (port === undefined || kind === undefined) return undefined;
  const { remote_ip: remote = 'flow', key = '0' } = port.options;
  return { kind, remote, local, key: /^\d+$/.test(key) ? BigInt(key) : 'flow' };
}

function meshPort(network: Config | undefined, { host, bridge }: At, name: string): MeshPort | undefined {
  const found = network?.bridges.find((each) => each.name === bridge);
  if (network === undefined || found === undefined || host === undefined) return undefined;
  return tunnelPorts(network, host, found).find((each) => each.name === name);
}

function portNamed(network: Config | undefined, at: At, name: string): Port | undefined {
  const bridge = network?.bridges.find((each) => each.name === at.bridge);
  return bridge?.ports.find((port) => port.host === at.host && port.name === name);
}

export interface Links {
  network: Config | undefined;
  switches: readonly KnownSwitch[];
  /** By a cable: the switch and port at its other end. */
  cable(from: Place): Place | { away: string } | undefined;
}

export function beyondOf({ network, switches, cable }: Links, here: KnownSwitch, left: LeftFrame): Beyond | undefined {
  const port = here.ports.find(({ number }) => number === left.port);
  if (port === undefined) return undefined;
  const cabled = cable({ at: here, port });
  if (cabled !== undefined)
    return 'away' in cabled ? cabled : { place: cabled, tunnel: undefined, by: `cable from ${here.name}:${port.name}` };
  const written = portNamed(network, here, port.name);
  if (written?.type === 'patch') return beyondPatch(switches, here, port.name, written.options.peer ?? '');
  const tunnel = tunnelOf(network, here, port.name);
  return tunnel === undefined ? undefined : beyondTunnel(network!, switches, here, port.name, tunnel, left.tunnel);
}

function beyondPatch(switches: readonly KnownSwitch[], here: KnownSwitch, name: string, peer: string): Beyond {
  for (const at of switches) {
    const port = at.host === here.host ? at.ports.find((each) => each.name === peer) : undefined;
    if (port !== undefined) return { place: { at, port }, tunnel: undefined, by: `patch port ${here.name}:${name}` };
  }
  return { away: `patch port to ${peer}, whose bridge has no flows of Flowloom's: its way is not traced there` };
}

function beyondTunnel(
  network: Config,
  switches: readonly KnownSwitch[],
  here: KnownSwitch,
  name: string,
  { kind, remote, key }: TunnelPort,
  sent: Key | undefined,
): Beyond {
  const to = remote === 'flow' ? remoteIn(sent) : remote;
  const id = key === 'flow' ? (sent?.[WORD.tunnelId + 1] ?? 0) : Number(key);
  const peer = network.hosts.find(({ underlay }) => underlay === to);
  const told = `${kind} ${id} to ${peer?.name ?? to}`;
  const local = network.hosts.find((host) => host.name === here.host)?.underlay;
  const bridge = network.bridges.find((each) => each.name === here.bridge);
  const own = meshPort(network, here, name);
  if (peer === undefined || bridge === undefined || own === undefined || local === undefined)
    return { away: `${told}: its way is not traced there` };
  const isOther = (port: MeshPort) =>
    port.overlay.type === kind &&
    port.overlay.dstPort === own.overlay.dstPort &&
    (port.peer === undefined || port.peer.host === here.host);
  const other = tunnelPorts(network, peer.name, bridge).find(isOther);
  const at = switches.find((each) => each.host === peer.name && each.bridge === bridge.name);
  const port = at?.ports.find((each) => each.name === other?.name);
  if (at === undefined || port === undefined)
    return { away: `${told}: ${peer.name}/${bridge.name} is not known here, its way is not traced there` };
  return { place: { at, port }, tunnel: arriving(local, to, id), by: `${told} from ${here.name}:${name}` };
}

/** The tunnel's other end, as the flows have set it. */
function remoteIn(key: Key | undefined): string {
  if (key === undefined) return '0.0.0.0';
  if (key[WORD.tunIpv4Dst] !== 0) return ipv4Text(key[WORD.tunIpv4Dst]!);
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 4; i++) view.setUint32(4 * i, key[WORD.tunIpv6Dst + i]!);
  return ipv6Text(bytes);
}

/** What a frame brings along that comes out of a tunnel. */
function arriving(from: string, to: string, id: number): Key {
  const key = emptyKey();
  key[WORD.tunnelId + 1] = id;
  key[WORD.tunTtl] = OUTER_TTL;
  const [src, dst] = [ipv4Number(from), ipv4Number(to)];
  if (src !== undefined && dst !== undefined) {
    key[WORD.tunIpv4Src] = src;
    key[WORD.tunIpv4Dst] = dst;
    return key;
  }
  for (const [word, address] of [
    [WORD.tunIpv6Src, from],
    [WORD.tunIpv6Dst, to],
  ] as const) {
    const bytes = ipv6Bytes(address) ?? new Uint8Array(16);
    const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
    for (let i = 0; i < 4; i++) key[word + i] = view.getUint32(4 * i);
  }
  return key;
}
