/** Fields of tshark, and what each is by our own dissection of a frame: of every layer that has it, outermost first. */

import { hexText } from '../../proto/wire/address.ts';
import type { Packet } from '../../src/packet/dissect.ts';
import { DNS_TYPE, type DnsRecord } from '../../src/packet/dns-record.ts';
import type { Ipv6Extension } from '../../src/packet/ipv6-extension.ts';
import { IPV6_EXTENSION } from '../../src/packet/ipv6-extension.ts';
import { linkLayerOf, ND_OPTION, ND_TYPE } from '../../src/packet/neighbor-discovery.ts';
import { TCP_FLAGS } from '../../src/packet/tcp.ts';

export type FieldValue = string | number;
type Read = (packet: Packet) => readonly (FieldValue | boolean | undefined)[];

/** Of the packet and all that it carries. */
export function valuesOf(packet: Packet, read: Read): FieldValue[] {
  const own = read(packet).filter((value) => value !== undefined);
  const inside = packet.inner ?? packet.quoted;
  return [
    ...own.map((value) => (typeof value === 'boolean' ? Number(value) : value)),
    ...(inside ? valuesOf(inside, read) : []),
  ];
}

/** One field for each name of a header, as tshark calls it. */
function fields<Name extends keyof Packet>(
  layer: Name,
  named: Record<string, (header: NonNullable<Packet[Name]>) => FieldValue | boolean | undefined>,
): [string, Read][] {
  return Object.entries(named).map(([field, read]) => [
    field,
    (packet) => {
      const header = packet[layer];
      return header === undefined ? [] : [read(header as NonNullable<Packet[Name]>)];
    },
  ]);
}

const tagged = (tpid: number, read: (tag: Packet['vlans'][number]) => number | boolean): Read => {
  return ({ vlans }) => vlans.filter((each) => each.tpid === tpid).map(read);
};
const labelled =
  (read: (label: Packet['mpls'][number]) => number | boolean): Read =>
  ({ mpls }) =>
    mpls.map(read);

/** What each extension header says of the next. */
function chain({ ipv6 }: Packet): [kind: Ipv6Extension['kind'] | 'ipv6', next: number][] {
  if (ipv6 === undefined) return [];
  const kinds = ipv6.extensions.map(({ kind }) => kind);
  const numbers = [...kinds.map((kind) => IPV6_EXTENSION[kind]), ipv6.protocol];
  return (['ipv6', ...kinds] as const).map((kind, index) => [kind, numbers[index]!]);
}
const next =
  (wanted: Ipv6Extension['kind'] | 'ipv6'): Read =>
  (packet) =>
    chain(packet)
      .filter(([kind]) => kind === wanted)
      .map(([, number]) => number);
function extension<Kind extends Ipv6Extension['kind']>(
  kind: Kind,
  read: (found: Extract<Ipv6Extension, { kind: Kind }>) => FieldValue | boolean,
): Read {
  return ({ ipv6 }) =>
    (ipv6?.extensions ?? [])
      .filter((each): each is Extract<Ipv6Extension, { kind: Kind }> => each.kind === kind)
      .map(read);
}

const discovery =
  (
    type: number,
    read: (nd: NonNullable<NonNullable<Packet['icmpv6']>['nd']>) => FieldValue | boolean | undefined,
  ): Read =>
  ({ icmpv6 }) =>
    icmpv6?.type === type && icmpv6.nd !== undefined ? [read(icmpv6.nd)] : [];

const recordsOf = ({ dns }: Packet): DnsRecord[] =>
  dns === undefined ? [] : [...dns.answers, ...dns.authorities, ...dns.additionals];
const records =
  (read: (record: DnsRecord) => FieldValue | undefined, type?: number): Read =>
  (packet) =>
    recordsOf(packet)
      .filter((each) => type === undefined || each.type === type)
      .map(read);

function dnsFlags(dns: NonNullable<Packet['dns']>): number {
  const bits = [
    dns.response,
    ...[8, 4, 2, 1].map((bit) => (dns.opcode & bit) !== 0),
    dns.authoritative,
    dns.truncated,
    dns.recursionDesired,
    dns.recursionAvailable,
    false,
    dns.authenticated,
    dns.checkingDisabled,
  ];
  return bits.reduce((sum, bit) => 2 * sum + Number(bit), 0) * 16 + dns.responseCode;
}

export const FIELDS: readonly [string, Read][] = [
  ...fields('eth', { 'eth.dst': ({ dst }) => dst, 'eth.src': ({ src }) => src }),
  ['vlan.id', tagged(0x8100, ({ vid }) => vid)],
  ['vlan.priority', tagged(0x8100, ({ priority }) => priority)],
  ['vlan.dei', tagged(0x8100, ({ dropEligible }) => dropEligible)],
  ['ieee8021ad.id', tagged(0x88a8, ({ vid }) => vid)],
  ['ieee8021ad.priority', tagged(0x88a8, ({ priority }) => priority)],
  ['ieee8021ad.dei', tagged(0x88a8, ({ dropEligible }) => dropEligible)],
  ['eth.type', ({ eth, vlans }) => [vlans[0]?.tpid ?? ((eth?.ethType ?? 0) >= 0x600 ? eth!.ethType : undefined)]],
  ['eth.len', ({ eth, vlans }) => [vlans.length === 0 && eth && eth.ethType < 0x600 ? eth.ethType : undefined]],
  ...fields('llc', {
    'llc.dsap': ({ dsap }) => dsap & 0xfe,
    'llc.control': ({ control }) => control,
    'llc.oui': ({ snap }) => snap?.oui,
    'llc.type': ({ snap }) => (snap?.oui === 0 ? snap.protocol : undefined),
  }),
  ['mpls.label', labelled(({ label }) => label)],
  ['mpls.exp', labelled(({ trafficClass }) => trafficClass)],
  ['mpls.bottom', labelled(({ bottomOfStack }) => bottomOfStack)],
  ['mpls.ttl', labelled(({ ttl }) => ttl)],
  ...fields('arp', {
    'arp.opcode': ({ operation }) => operation,
    'arp.src.hw_mac': ({ senderMac }) => senderMac,
    'arp.src.proto_ipv4': ({ senderAddress }) => senderAddress,
    'arp.dst.hw_mac': ({ targetMac }) => targetMac,
    'arp.dst.proto_ipv4': ({ targetAddress }) => targetAddress,
  }),
  ...fields('lldp', { 'lldp.time_to_live': ({ ttl }) => ttl }),
  [
    'lldp.tlv.type',
    ({ lldp }) =>
      lldp === undefined ? [] : [1, 2, 3, ...lldp.others.map(({ type }) => type), ...lldp.own.map(() => 127), 0],
  ],
  ['lldp.orgtlv.oui', ({ lldp }) => (lldp?.own ?? []).map(({ oui }) => oui)],
  ['lldp.chassis.subtype', ({ lldp }) => [lldp?.chassisId.subtype]],
  ['lldp.port.subtype', ({ lldp }) => [lldp?.portId.subtype]],
  ['lldp.chassis.id', ({ lldp }) => [lldp && hexText(lldp.chassisId.id)]],
  ['lldp.port.id', ({ lldp }) => [lldp && Buffer.from(lldp.portId.id).toString('latin1')]],
  ...fields('ipv4', {
    'ip.src': ({ src }) => src,
    'ip.dst': ({ dst }) => dst,
    'ip.proto': ({ protocol }) => protocol,
    'ip.ttl': ({ ttl }) => ttl,
    'ip.dsfield': ({ tos }) => tos,
    'ip.id': ({ id }) => id,
    'ip.flags.df': ({ dontFragment }) => dontFragment,
    'ip.flags.mf': ({ moreFragments }) => moreFragments,
    'ip.frag_offset': ({ fragmentOffset }) => fragmentOffset / 8,
    'ip.len': ({ totalLength }) => totalLength,
    'ip.hdr_len': ({ headerLength }) => headerLength,
    'ip.checksum': ({ checksum }) => checksum,
  }),
  ...fields('ipv6', {
    'ipv6.src': ({ src }) => src,
    'ipv6.dst': ({ dst }) => dst,
    'ipv6.hlim': ({ hopLimit }) => hopLimit,
    'ipv6.tclass': ({ trafficClass }) => trafficClass,
    'ipv6.flow': ({ flowLabel }) => flowLabel,
    'ipv6.plen': ({ payloadLength }) => payloadLength,
  }),
  ['ipv6.nxt', next('ipv6')],
  ['ipv6.hopopts.nxt', next('hopByHop')],
  ['ipv6.routing.nxt', next('routing')],
  ['ipv6.fraghdr.nxt', next('fragment')],
  ['ah.next_header', next('authentication')],
  ['ipv6.dstopts.nxt', next('destination')],
  ['ipv6.routing.type', extension('routing', ({ routingType }) => routingType)],
  ['ipv6.routing.segleft', extension('routing', ({ segmentsLeft }) => segmentsLeft)],
  ['ipv6.fraghdr.offset', extension('fragment', ({ offset }) => offset)],
  ['ipv6.fraghdr.more', extension('fragment', ({ moreFragments }) => moreFragments)],
  ['ipv6.fraghdr.ident', extension('fragment', ({ id }) => id)],
  ['ah.spi', extension('authentication', ({ spi }) => spi)],
  ['ah.sequence', extension('authentication', ({ sequence }) => sequence)],
  ['ah.icv', extension('authentication', ({ value }) => hexText(value))],
  ...fields('icmp', {
    'icmp.type': ({ type }) => type,
    'icmp.code': ({ code }) => code,
    'icmp.checksum': ({ checksum }) => checksum,
    'icmp.ident': ({ identifier }) => identifier,
    'icmp.seq': ({ sequence }) => sequence,
  }),
  ...fields('icmpv6', {
    'icmpv6.type': ({ type }) => type,
    'icmpv6.code': ({ code }) => code,
    'icmpv6.checksum': ({ checksum }) => checksum,
    'icmpv6.echo.identifier': ({ identifier }) => identifier,
    'icmpv6.echo.sequence_number': ({ sequence }) => sequence,
    'icmpv6.mtu': ({ type, rest }) => (type === 2 ? rest : undefined),
    'icmpv6.opt.src_linkaddr': ({ nd }) => nd && linkLayerOf(nd, ND_OPTION.sourceLinkLayer),
    'icmpv6.opt.target_linkaddr': ({ nd }) => nd && linkLayerOf(nd, ND_OPTION.targetLinkLayer),
  }),
  ['icmpv6.opt.type', ({ icmpv6 }) => (icmpv6?.nd?.options ?? []).map(({ type }) => type)],
  ['icmpv6.nd.ra.cur_hop_limit', discovery(ND_TYPE.routerAdvertisement, ({ hopLimit }) => hopLimit)],
  ['icmpv6.nd.ra.flag.m', discovery(ND_TYPE.routerAdvertisement, ({ managed }) => managed)],
  ['icmpv6.nd.ra.flag.o', discovery(ND_TYPE.routerAdvertisement, ({ otherConfiguration }) => otherConfiguration)],
  ['icmpv6.nd.ra.router_lifetime', discovery(ND_TYPE.routerAdvertisement, ({ lifetime }) => lifetime)],
  ['icmpv6.nd.ra.reachable_time', discovery(ND_TYPE.routerAdvertisement, ({ reachableTime }) => reachableTime)],
  ['icmpv6.nd.ra.retrans_timer', discovery(ND_TYPE.routerAdvertisement, ({ retransmitTime }) => retransmitTime)],
  ['icmpv6.nd.ns.target_address', discovery(ND_TYPE.neighborSolicitation, ({ target }) => target)],
  ['icmpv6.nd.na.target_address', discovery(ND_TYPE.neighborAdvertisement, ({ target }) => target)],
  ['icmpv6.nd.na.flag.r', discovery(ND_TYPE.neighborAdvertisement, ({ router }) => router)],
  ['icmpv6.nd.na.flag.s', discovery(ND_TYPE.neighborAdvertisement, ({ solicited }) => solicited)],
  ['icmpv6.nd.na.flag.o', discovery(ND_TYPE.neighborAdvertisement, ({ override }) => override)],
  ['icmpv6.nd.rd.target_address', discovery(ND_TYPE.redirect, ({ target }) => target)],
  ['icmpv6.rd.na.destination_address', discovery(ND_TYPE.redirect, ({ destination }) => destination)],
  ...fields('igmp', {
    'igmp.type': ({ type }) => type,
    'igmp.checksum': ({ checksum }) => checksum,
    'igmp.maddr': ({ group }) => group,
  }),
  ...fields('tcp', {
    'tcp.srcport': ({ srcPort }) => srcPort,
    'tcp.dstport': ({ dstPort }) => dstPort,
    'tcp.seq': ({ sequence }) => sequence,
    'tcp.ack': ({ acknowledgement }) => acknowledgement,
    'tcp.flags': ({ flags }) => flags.reduce((sum, flag) => sum + 2 ** TCP_FLAGS.indexOf(flag), 0),
    'tcp.window_size_value': ({ window }) => window,
    'tcp.urgent_pointer': ({ urgentPointer }) => urgentPointer,
    'tcp.checksum': ({ checksum }) => checksum,
    'tcp.options': ({ options }) => hexText(options) || undefined,
  }),
  ...fields('udp', {
    'udp.srcport': ({ srcPort }) => srcPort,
    'udp.dstport': ({ dstPort }) => dstPort,
    'udp.length': ({ length }) => length,
    'udp.checksum': ({ checksum }) => checksum,
  }),
  ...fields('sctp', {
    'sctp.srcport': ({ srcPort }) => srcPort,
    'sctp.dstport': ({ dstPort }) => dstPort,
    'sctp.verification_tag': ({ verificationTag }) => verificationTag,
    'sctp.checksum': ({ checksum }) => checksum,
  }),
  ...fields('gre', {
    'gre.proto': ({ protocol }) => protocol,
    'gre.flags.checksum': ({ checksumPresent }) => checksumPresent,
    'gre.checksum': ({ checksum }) => checksum,
    'gre.key': ({ key }) => key,
    'gre.sequence_number': ({ sequence }) => sequence,
  }),
  ...fields('vxlan', { 'vxlan.vni': ({ vni }) => vni, 'vxlan.flags': ({ flags }) => flags * 256 }),
  ...fields('geneve', {
    'geneve.vni': ({ vni }) => vni,
    'geneve.proto_type': ({ protocol }) => protocol,
    'geneve.flags.oam': ({ control }) => control,
    'geneve.flags.critical': ({ critical }) => critical,
  }),
  ['geneve.option.class', ({ geneve }) => (geneve?.options ?? []).map((each) => each.class)],
  ['geneve.option.type', ({ geneve }) => (geneve?.options ?? []).map(({ type }) => type)],
  ...fields('dhcp', {
    'dhcp.type': ({ operation }) => operation,
    'dhcp.hops': ({ hops }) => hops,
    'dhcp.id': ({ transactionId }) => transactionId,
    // tshark takes it for little-endian where that seems likelier.
    'dhcp.secs': ({ seconds }) => (seconds % 256 === 0 ? seconds / 256 : seconds),
    'dhcp.flags': ({ flags }) => flags,
    'dhcp.ip.client': ({ clientAddress }) => clientAddress,
    'dhcp.ip.your': ({ yourAddress }) => yourAddress,
    'dhcp.ip.server': ({ nextServer }) => nextServer,
    'dhcp.ip.relay': ({ relayAgent }) => relayAgent,
    'dhcp.hw.mac_addr': ({ clientMac }) => clientMac,
    'dhcp.server': ({ serverName }) => serverName || undefined,
    'dhcp.file': ({ bootFile }) => bootFile || undefined,
  }),
  [
    'dhcp.option.type',
    // tshark calls the end option 0.
    ({ dhcp }) => (dhcp === undefined ? [] : [...dhcp.options.map(({ code }) => code), 0]),
  ],
  ['dhcp.option.value', ({ dhcp }) => (dhcp?.options ?? []).map(({ value }) => hexText(value))],
  ...fields('dns', { 'dns.id': ({ id }) => id, 'dns.flags': dnsFlags }),
  ['dns.qry.name', ({ dns }) => (dns?.questions ?? []).map(({ name }) => name)],
  ['dns.qry.type', ({ dns }) => (dns?.questions ?? []).map(({ type }) => type)],
  ['dns.qry.class', ({ dns }) => (dns?.questions ?? []).map((each) => each.class)],
  // The names of services are apart.
  ['dns.resp.name', records(({ name, type }) => (type === DNS_TYPE.srv ? undefined : name))],
  ['dns.resp.type', records(({ type }) => type)],
  ['dns.resp.class', records((each) => each.class)],
  ['dns.resp.ttl', records(({ ttl }) => ttl)],
  ['dns.a', records(({ address }) => address, DNS_TYPE.a)],
  ['dns.aaaa', records(({ address }) => address, DNS_TYPE.aaaa)],
  ['dns.ns', records(({ target }) => target, DNS_TYPE.ns)],
  ['dns.cname', records(({ target }) => target, DNS_TYPE.cname)],
  ['dns.ptr.domain_name', records(({ target }) => target, DNS_TYPE.ptr)],
  ['dns.mx.preference', records(({ preference }) => preference, DNS_TYPE.mx)],
  ['dns.mx.mail_exchange', records(({ target }) => target, DNS_TYPE.mx)],
  ['dns.srv.priority', records(({ priority }) => priority, DNS_TYPE.srv)],
  ['dns.srv.weight', records(({ weight }) => weight, DNS_TYPE.srv)],
  ['dns.srv.port', records(({ port }) => port, DNS_TYPE.srv)],
  ['dns.srv.target', records(({ target }) => target, DNS_TYPE.srv)],
  ['dns.txt', (packet) => recordsOf(packet).flatMap(({ texts }) => texts ?? [])],
];
