/** Random packets, half of them aimed at a rule of the network. */

import type { Random } from '../fuzz/random.ts';
import { holds } from './address.ts';
import {
  behind,
  type Network,
  type Packet,
  type Protocol,
  proxied,
  type Service,
  type Step,
  type TcpFlag,
} from './network.ts';

const PORTS = [22, 80, 443, 5000, 5003, 8080];
const STEPS = 32;
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
    else if (i > 0 && kind === 5 && random.below(2) === 0) steps.push({ kind: 'close', to });
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

function makeNew(
  random: Random,
  network: Network,
  nextPort: (src: string) => number,
  step: number,
  payload: number,
): Step {
  const { interfaces, routes, family } = network;
  const guests = interfaces.flatMap((each) => each.guests);
  const aim = random.below(2) === 0 ? undefined : makeAim(random, network);
  const senders = guests.filter(({ name }) => aim?.zone === undefined || behind(network, name).zone === aim.zone);
  const from = random.pick(senders.length === 0 ? guests : senders);
  const at = behind(network, from.name);
  // Those behind it are its own, too.
  const beyond = routes.filter(({ via }) => 'guest' in via && via.guest === from.name).map(({ station }) => station);
  let src = random.pick([from.address, from.address, ...beyond]);
  if (random.below(10) === 0) src = wrongSource(random, network, at.name, src);
  const addresses = [
    ...guests.map(({ address }) => address),
    ...interfaces.flatMap(({ own }) => own),
    ...interfaces[0]!.own,
    ...routes.map(({ station }) => station),
    ...proxied(network).map(({ address }) => address),
    random.pick([family === 4 ? '192.0.2.9' : 'fd00:0:0:99::9', nobodyIn(random.pick(interfaces).prefix)]),
  ];
  // What stays on a segment does not come to the router.
  const isRouted = (each: string) =>
    each !== src &&
    (at.own.includes(each) || proxied(network).some(({ address }) => address === each) || !holds(at.prefix, each));
  const wanted =
    aim?.dst === undefined ? [] : addresses.filter((each) => aim.dst!.some((prefix) => holds(prefix, each)));
  const routed = (wanted.length > 0 ? wanted : addresses).filter(isRouted);
  const dst = random.pick(routed.length > 0 ? routed : addresses.filter(isRouted));
  const service = aim?.service;
  const protocol = service?.protocol ?? random.pick<Protocol>(['tcp', 'tcp', 'tcp', 'udp', 'udp', 'icmp', 'other']);
  const [first, last] = service?.ports === undefined ? [0, 0] : random.pick(service.ports);
  const dstPort = first === 0 ? random.pick(PORTS) : random.pick([first, last, first + random.below(last - first + 1)]);
  // Without the option Open vSwitch takes it for a beginning, as netfilter does not.
  const refused: TcpFlag[][] = at.options.includes('tcpflags') ? [['rst', 'fin', 'ack']] : [];
  const flags: TcpFlag[] =
    protocol !== 'tcp' || random.below(8) > 0
      ? ['syn']
      : [...random.pick<readonly TcpFlag[]>([['ack'], ...NONSENSE, ...refused])];
  const packet: Packet = { protocol, src, dst, ...portsOf(protocol, { step, dstPort, own: () => nextPort(src) }) };
  return { kind: 'new', from: from.name, packet, flags, payload };
}

/** Open vSwitch tells connections of ICMP apart by ids, and does not translate them: each has one of its own. */
function portsOf(
  protocol: Protocol,
  { step, dstPort, own }: { step: number; dstPort: number; own(): number },
): Pick<Packet, 'srcPort' | 'dstPort'> {
  if (protocol === 'other') return { srcPort: 0, dstPort: 0 };
  if (protocol === 'icmp') return { srcPort: 1000 + step, dstPort: 1000 + step };
  return { srcPort: own(), dstPort };
}

interface Aim {
  zone?: string;
  /** Any of these. */
  dst?: string[];
  service?: Service;
}

function makeAim(random: Random, network: Network): Aim {
  const aims: Aim[] = [];
  const zone = (name: string) => (name === 'all' ? {} : { zone: name });
  const inZone = (name: string) =>
    name === 'all'
      ? {}
      : name === 'fw'
        ? { dst: network.interfaces.flatMap(({ own }) => own) }
        : { dst: network.interfaces.filter((each) => each.zone === name).map(({ prefix }) => prefix) };
  for (const { from, to, service } of network.firewall?.rules ?? []) {
    const dst = to.prefixes === undefined ? inZone(to.zone) : { dst: to.prefixes };
    const any = service === undefined ? {} : { service: random.pick(service.any) };
    aims.push({ ...zone(from.zone), ...dst, ...any });
  }
  for (const { from, to } of network.firewall?.policy ?? []) aims.push({ ...zone(from), ...inZone(to) });
  for (const rule of network.nat) {
    if (rule.kind === 'forward') {
      aims.push({ dst: [rule.address], service: { protocol: rule.protocol, ports: [rule.ports] } });
    } else if (rule.kind === 'oneToOne') aims.push({ dst: [random.pick(rule.outside)] });
    else {
      const at = network.interfaces.find(({ prefix }) => prefix === rule.from);
      const out = network.interfaces.find(({ name }) => name === rule.out)!;
      aims.push({ ...(at?.zone === undefined ? {} : { zone: at.zone }), dst: [out.prefix] });
    }
  }
  return aims.length === 0 ? {} : random.pick(aims);
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
