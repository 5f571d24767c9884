/** What layers can't stand together in one packet, and why. */

import { LEAST_ETHER_TYPE } from './ethernet.ts';
import { ICMP_ERRORS } from './icmp.ts';
import { ICMPV6_ERRORS } from './icmpv6.ts';
import { isLaterFragment } from './ipv6.ts';
import { HEADERS, type PacketLayers } from './layers.ts';

type Name = keyof PacketLayers;

const KNOWN: ReadonlySet<string> = new Set([...HEADERS, 'vlans', 'mpls', 'inner', 'quoted', 'payload', 'trailer']);
const LINK: readonly Name[] = ['eth', 'vlans', 'llc'];
const NETWORK: readonly Name[] = ['arp', 'lldp', 'ipv4', 'ipv6'];
const TRANSPORT: readonly Name[] = ['icmp', 'icmpv6', 'igmp', 'tcp', 'udp', 'sctp', 'gre'];
const APPLICATION: readonly Name[] = ['dhcp', 'dns', 'vxlan', 'geneve'];
const CONTENT: readonly Name[] = ['inner', 'quoted', 'payload'];

/** One sentence; undefined where all is well. Layers inside are not looked at. */
export function contradiction(layers: PacketLayers): string | undefined {
  const given = (names: readonly Name[]) => names.filter((name) => layers[name] !== undefined);
  const unknown = Object.keys(layers).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) return `there is no layer \`${unknown}\``;
  for (const alternatives of [NETWORK, TRANSPORT, APPLICATION, CONTENT]) {
    const [first, second] = given(alternatives);
    if (second !== undefined) return `one packet has \`${first}\` or \`${second}\`, not both`;
  }
  const [network] = given(NETWORK);
  const [transport] = given(TRANSPORT);
  const [application] = given(APPLICATION);
  const [content] = given(CONTENT);
  if (application !== undefined && transport !== undefined && transport !== 'udp') {
    return `\`${application}\` goes over \`udp\`, not \`${transport}\``;
  }
  if ((network === 'arp' || network === 'lldp') && content !== undefined) {
    return `\`${network}\` carries nothing: what follows is \`trailer\``;
  }
  return (
    misplacedTransport(layers, transport ?? application) ??
    misplacedContent(layers, transport, application) ??
    misplacedLlc(layers, network)
  );
}

function misplacedTransport(layers: PacketLayers, name: Name | undefined): string | undefined {
  if (name === undefined) return undefined;
  const { ipv4, ipv6 } = layers;
  const carrier = name === 'icmp' || name === 'igmp' ? 'ipv4' : name === 'icmpv6' ? 'ipv6' : undefined;
  if (carrier !== undefined && layers[carrier] === undefined) return `\`${name}\` goes over \`${carrier}\``;
  if (ipv4 === undefined && ipv6 === undefined) return `\`${name}\` goes over \`ipv4\` or \`ipv6\``;
  const later = (ipv4?.fragmentOffset ?? 0) !== 0 || isLaterFragment(ipv6?.extensions ?? []);
  return later ? `only a first fragment has \`${name}\`; what a later one carries is \`payload\`` : undefined;
}

function misplacedContent(
  { inner, quoted, ipv4, ipv6, icmp, icmpv6, gre }: PacketLayers,
  transport: Name | undefined,
  application: Name | undefined,
): string | undefined {
  if (inner !== undefined) {
    const inIp = (ipv4 ?? ipv6) !== undefined && transport === undefined && application === undefined;
    const tunnel = gre !== undefined || application === 'vxlan' || application === 'geneve';
    if (!inIp && !tunnel) return '`inner` goes in `vxlan`, `geneve`, `gre`, or IP itself';
    if (inIp && beginsWithEthernet(inner)) return 'what IP itself carries begins with IP, not with Ethernet';
    const told = (ipv4?.protocol ?? ipv6?.protocol ?? inner.ipv4 ?? inner.ipv6) !== undefined;
    if (inIp && !told) return 'what IP itself carries is `ipv4` or `ipv6`, or `protocol` says what';
  }
  if (quoted === undefined) return undefined;
  const error = ICMP_ERRORS.has(icmp?.type ?? -1) || ICMPV6_ERRORS.has(icmpv6?.type ?? -1);
  if (!error) return '`quoted` goes in an error of `icmp` or `icmpv6`';
  return beginsWithEthernet(quoted) ? 'what an error quotes begins with IP, not with Ethernet' : undefined;
}

function misplacedLlc({ llc, eth }: PacketLayers, network: Name | undefined): string | undefined {
  if (llc === undefined) return undefined;
  if ((eth?.ethType ?? 0) >= LEAST_ETHER_TYPE) return 'a frame with `llc` has a length in place of `eth.ethType`';
  return network !== undefined && llc.snap === undefined
    ? `\`${network}\` behind \`llc\` goes over \`snap\``
    : undefined;
}

export function beginsWithEthernet(layers: PacketLayers): boolean {
  return LINK.some((name) => layers[name] !== undefined);
}
