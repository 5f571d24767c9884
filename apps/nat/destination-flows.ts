/** Destinations: a new connection to a public address gets its station's, in the router's first zone. */

import {
  type AppFlow,
  type AppMatch,
  ct,
  ctState,
  destinationIn,
  type Forward,
  IP_PROTOCOL,
  next,
  set,
  sourceIn,
} from '../../src/index.ts';
import { establishedFlow, type Flows, ofRouter, staleFlow } from './flows.ts';
import { pairsOf } from './pairs.ts';
import { maskedPorts } from './ports.ts';
import { isByPrefix } from './prefix-translation.ts';
import type { NatSite, SiteRule } from './site.ts';

const NEW = ctState('+new+trk');

/** What a new connection matches, and where it goes. */
interface Translation {
  match: AppMatch;
  to: string;
  /** undefined: its own. */
  port?: number;
}

export function hasDestination({ rule }: SiteRule): boolean {
  return rule.kind === 'forward' || (rule.kind === 'one-to-one' && !isByPrefix(rule));
}

/** `ordered`: those with destinations, with their priorities. */
export function destinationFlows(site: NatSite, ordered: readonly (readonly [SiteRule, number])[]): Flows {
  if (ordered.length === 0) return [];
  return [
    ...ordered.flatMap(
      ([each, priority]): Flows => [
        establishedFlow(site, each, [next()]),
        ...translationsOf(each).map((translation, i): Flows[number] => [
          `${site.name} ${each.intent.text} ${i}`,
          newFlow(site, each, priority, translation),
        ]),
      ],
    ),
    // Without `commit` an answer is told by the other side: what was translated has its source turned back.
    staleFlow(site, '+trk-new+dnat'),
    staleFlow(site, '+trk-new+snat'),
  ];
}

function newFlow(site: NatSite, { id, intent }: SiteRule, priority: number, { match, to, port }: Translation): AppFlow {
  const nat = { side: 'dst' as const, address: to };
  return {
    priority,
    match: { ...ofRouter(site), ctState: NEW, ...match },
    actions: [
      ct({
        zone: site.number,
        commit: true,
        nat: port === undefined ? nat : { ...nat, ports: [port, port] },
        set: set({ 'nat.rule': id }),
        table: 'next',
      }),
    ],
    intent,
  };
}

function translationsOf({ rule, primary }: SiteRule): Translation[] {
  if (rule.kind === 'one-to-one') {
    return pairsOf(rule).map(({ outside, inside }) => ({ match: destinationIn(outside), to: inside }));
  }
  if (rule.kind !== 'forward') return [];
  const address = rule.address === 'primary' ? primary : rule.address;
  return address === undefined ? [] : forwardTranslations(rule, address);
}

/** Open vSwitch chooses within a range of ports by a hash: so a range that moves has a flow for each port. */
function forwardTranslations(rule: Forward, address: string): Translation[] {
  const { protocol, ports, toPorts, toAddress: to, from } = rule;
  const match: AppMatch = {
    ...destinationIn(address),
    ...(from === undefined ? {} : sourceIn(from)),
    ipProto: IP_PROTOCOL[protocol],
  };
  const field = protocol === 'tcp' ? 'tcpDst' : 'udpDst';
  const [first, last] = ports;
  if (first !== toPorts[0] || first === last) {
    return Array.from({ length: last - first + 1 }, (_, i) => ({
      match: { ...match, [field]: first + i },
      to,
      port: toPorts[0] + i,
    }));
  }
  return maskedPorts(ports).map((run) => ({ match: { ...match, [field]: run }, to }));
}
