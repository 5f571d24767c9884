/** Random packets, most of them aimed at a rule of the network. */

import type { Random } from '../fuzz/random.ts';
import { holds } from './address.ts';
import {
  behind,
  type Guest,
  type Interface,
  isFiltered,
  type Network,
  OTHER_PROTOCOLS,
  type Packet,
  type Protocol,
  proxied,
  type Service,
  type Side,
  type Step,
  type TcpFlag,
} from './network.ts';

const PORTS = [22, 80, 443, 5000, 5003, 8080];
const STEPS = 40;
const PROTOCOLS: readonly Protocol[] = ['tcp', 'tcp', 'tcp', 'udp', 'udp', 'icmp', 'other'];
/** Those whose packets may have any size here. */
const SIZED: readonly Protocol[] = ['udp', 'udp', 'icmp', 'other'];
/** Each source address has its ports from here on: two stations have the same, one has none twice. */
const FIRST_PORT = 20_000;
const PAYLOADS = [8, 8, 8, 60, 480, 1200];
/** They begin nothing. */
const NONSENSE: readonly TcpFlag[][] = [
  [],
  ['fin', 'psh', 'urg'],
  ['syn', 'rst', 'ack'],
  ['syn', 'fin'],
  ['syn', 'ack'],
];

export function makeSteps(random: Random, network: Network): Step[] {
  const steps: Step[] = [];
  const used = new Map<string, number>();
  const nextPort = (src: string) => {
    const port = used.get(src) ?? FIRST_PORT;
    used.set(src, port + 1);
    return port;
  };
  for (let i = 0; i < STEPS; i++) {
    const kind = random.below(13);
    const to = i === 0 ? 0 : Math.max(0, i - 1 - random.below(Math.min(i, 8)));
    const payload = random.pick(PAYLOADS);
    if (i > 0 && kind < 4) steps.push({ kind: kind === 0 ? 'again' : 'reply', to, payload });
    else if (i > 0 && kind === 4) steps.push({ kind: 'error', to, by: random.pick(['itself', 'itself', 'other']) });
    else if (i > 0 && kind === 5) steps.push({ kind: 'close', to });
    else if (kind === 6 && random.below(3) === 0) steps.push(makeStray(random, network));
    else steps.push(makeNew(random, network, nextPort, i, payload));
  }
  return steps;
}

function makeStray(random: Random, network: Network): Step {
  const from = random.pick(network.interfaces.flatMap(({ guests }) => guests));
  const victims = network.interfaces.flatMap(({ own, guests }) => [...own, ...guests.map(({ address }) => address)]);
  const src = random.pick(victims.filter((each) => !holds(behind(network, from.name).prefix, each)));
  const ports = { srcPort: 40_000, dstPort: 40_001 };
  return { kind: 'stray', from: from.name, about: { protocol: 'udp', src, dst: from.address, ...ports } };
}

interface Place {
  guest: Guest;
  at: Interface;
  /** Its own, or of somebody behind it. */
  address: string;
}

function makeNew(
  random: Random,
  network: Network,
  nextPort: (src: string) => number,
  step: number,
  payload: number,
): Step {
  const { interfaces, routes, family } = network;
  const aim = random.below(4) === 0 ? {} : random.pick([{}, ...aims(network)]);
  const places = interfaces.flatMap((at) =>
    at.guests.flatMap((guest): Place[] => {
      const beyond = routes
        .filter(({ via }) => 'guest' in via && via.guest === guest.name)
        .map(({ station }) => station);
      return [guest.address, ...beyond].map((address) => ({ guest, at, address }));
    }),
  );
  const stations = [...places.map(({ address }) => address), ...routes.map(({ station }) => station)];
  const own = [random.pick(interfaces.flatMap((each) => each.own)), random.pick(interfaces[0]!.own)];
  const publics = proxied(network).map(({ address }) => address);
  const none = random.pick([family === 4 ? '192.0.2.9' : 'fd00:0:0:99::9', nobodyIn(random.pick(interfaces).prefix)]);
  const addresses = aim.isOutward === true ? stations : [...stations, ...own, ...publics, none];
  const senders = places.filter(({ at, guest, address }) => {
    if (aim.zone !== undefined && at.zone !== aim.zone && guest.zone !== aim.zone) return false;
    return aim.src === undefined || aim.src.some((prefix) => holds(prefix, address));
  });
  const { guest, at, address } = random.pick(senders.length === 0 ? places : senders);
  const src = random.below(12) === 0 ? wrongSource(random, network, at.name, address) : address;
  // What stays on a segment does not come to the router, and is of interest only where something judges it.
  const neighbours = isFiltered(network, at) && src === address ? at.guests.map((each) => each.address) : [];
  const routed = [...addresses, ...(aim.dst ?? [])].filter(
    (each) =>
      !each.includes('/') &&
      each !== src &&
      (at.own.includes(each) || publics.includes(each) || neighbours.includes(each) || !holds(at.prefix, each)),
  );
  const wanted = routed.filter((each) => aim.dst === undefined || aim.dst.some((prefix) => holds(prefix, each)));
  const fallback = interfaces.find((each) => each !== at)!.guests.map((each) => each.address);
  const dst = random.pick([wanted, routed, fallback].find((each) => each.length > 0)!.filter((each) => each !== src));
  const service = aim.service;
  const protocol = service?.protocol ?? random.pick<Protocol>(aim.isLarge === true ? SIZED : PROTOCOLS);
  const [first, last] = service?.ports === undefined ? [0, 0] : random.pick(service.ports);
  const dstPort = first === 0 ? random.pick(PORTS) : random.pick([first, last, first + random.below(last - first + 1)]);
  // Without the option Open vSwitch takes it for a beginning, as netfilter does not.
  const refused: TcpFlag[][] = at.options.includes('tcpflags') ? [['rst', 'fin', 'ack']] : [];
  const flags: TcpFlag[] =
    protocol !== 'tcp' || random.below(10) > 0
      ? ['syn']
      : [...random.pick<readonly TcpFlag[]>([['ack'], ...NONSENSE, ...refused])];
  const packet: Packet = { protocol, src, dst, ...portsOf(protocol, { step, dstPort, own: () => nextPort(src) }) };
  const bytes = aim.isLarge === true ? random.pick(PAYLOADS.slice(-2)) : payload;
  return { kind: 'new', from: guest.name, packet, flags, payload: bytes };
}

/** Open vSwitch tells connections of ICMP apart by ids, and does not translate them: each has one of its own. */
function portsOf(
  protocol: Protocol,
  { step, dstPort, own }: { step: number; dstPort: number; own(): number },
): Pick<Packet, 'srcPort' | 'dstPort'> {
  if (protocol === 'other') return { srcPort: OTHER_PROTOCOLS[0] + step, dstPort: OTHER_PROTOCOLS[0] + step };
  if (protocol === 'icmp') return { srcPort: 1000 + step, dstPort: 1000 + step };
  return { srcPort: own(), dstPort };
}

/** What a packet is made for. */
interface Aim {
  zone?: string;
  /** Any of these. */
  src?: string[];
  dst?: string[];
  /** To a station, not to the router. */
  isOutward?: boolean;
  service?: Service;
  isLarge?: boolean;
}

function aims(network: Network): Aim[] {
  const { interfaces, nat, firewall } = network;
  const from = ({ zone, prefixes }: Side): Aim => ({
    ...(zone === 'all' ? {} : { zone }),
    ...(prefixes === undefined ? {} : { src: prefixes }),
  });
  const to = ({ zone, prefixes }: Side): Aim => {
    if (prefixes !== undefined) return { dst: prefixes };
    if (zone === 'all') return {};
    if (zone === 'fw') return { dst: interfaces.flatMap(({ own }) => own) };
    const reached = interfaces.filter((each) => each.zone === zone).map(({ prefix }) => prefix);
    const ports = interfaces.flatMap(({ guests }) => guests.filter((guest) => guest.zone === zone));
    return { dst: [...reached, ...ports.map(({ address }) => address)], isOutward: true };
  };
  return [
    ...(firewall?.rules ?? []).flatMap((rule): Aim[] =>
      (rule.service?.any ?? [undefined]).map((service) => ({
        ...from(rule.from),
        ...to(rule.to),
        ...(service === undefined ? {} : { service }),
        ...(rule.over === undefined ? {} : { isLarge: true }),
      })),
    ),
    ...(firewall?.policy ?? []).map((policy) => ({ ...from({ zone: policy.from }), ...to({ zone: policy.to }) })),
    ...nat.flatMap((rule): Aim[] => {
      if (rule.kind === 'forward') {
        const src = rule.from === undefined ? {} : { src: [rule.from] };
        return [{ ...src, dst: [rule.address], service: { protocol: rule.protocol, ports: [rule.ports] } }];
      }
      if (rule.kind === 'oneToOne') {
        return [{ dst: rule.outside }, { src: rule.inside, dst: [interfaces[0]!.prefix], isOutward: true }];
      }
      const out = interfaces.find(({ name }) => name === rule.out)!.prefix;
      const dst = rule.kind === 'exempt' && rule.to !== undefined ? rule.to : out;
      return [{ src: [rule.from], dst: [dst], isOutward: true }];
    }),
  ];
}

/** Of somebody else; of nobody; of a group, where something refuses it. */
function wrongSource(random: Random, network: Network, arrival: string, own: string): string {
  const { interfaces, family } = network;
  const at = interfaces.find(({ name }) => name === arrival)!;
  const sources = interfaces.flatMap(({ guests }) => guests.map(({ address }) => address));
  if (at.options.includes('routefilter')) sources.push(...interfaces.flatMap(({ own: each }) => each));
  if (at.options.includes('nosmurfs') && family === 4) sources.push('224.0.0.5', at.prefix.replace(/\.0\/24$/, '.255'));
  return random.pick(sources.filter((each) => each !== own));
}

/** An address of the prefix that nobody has. */
export function nobodyIn(prefix: string): string {
  return prefix.includes(':') ? prefix.replace('/64', '77') : prefix.replace(/\.0\/24$/, '.77');
}
