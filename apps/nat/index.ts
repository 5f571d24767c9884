/** Address translation in conntrack: source NAT on the way out, forwards on the way in, hairpin between them. */

import {
  type AppFlow,
  ct,
  ctState,
  defineApp,
  drop,
  ETHER_TYPE,
  flow,
  goto,
  IP_PROTOCOL,
  inPrefix,
  type NatRule,
  next,
} from '../../src/index.ts';
import { resolve } from '../router/services.ts';
import { type NatSite, natSites } from './site.ts';

type Flows = [key: string, flow: AppFlow][];
type Snat = Extract<NatRule, { kind: 'snat' }>;

/** In the table of source NAT; the file's first rule that fits decides. */
const REPLIES = 50_000;
const HAIRPIN = 40_000;
const FIRST_RULE = 30_000;

/** Seconds until the flows stand that hear an answer, and until a target that is known is asked for again. */
const ASK_SOON = 1;
const ASK_AGAIN = 30;

const why = (rule: NatRule) => ({ text: rule.text, source: rule.source });

/** Replies to translated connections are turned back before anything else looks at their addresses. */
function unsnatFlows({ router, rules }: NatSite): Flows {
  const addresses = new Map<string, NatRule>();
  for (const rule of rules) {
    const address = rule.kind === 'snat' ? rule.to : rule.address;
    if (!addresses.has(address)) addresses.set(address, rule);
  }
  return [...addresses].map(([address, rule]) => [
    `${router.name} ${address}`,
    flow({
      priority: 50,
      match: { ethType: ETHER_TYPE.ipv4, 'router.number': router.number, ipv4Dst: address },
      actions: [ct({ zone: router.snatZone, nat: 'follow', table: 'next' })],
      intent: why(rule),
    }),
  ]);
}

function dnatFlows({ router, rules }: NatSite): Flows {
  return rules.flatMap((rule): Flows => {
    if (rule.kind !== 'forward') return [];
    const { protocol, address, port, toAddress, toPort } = rule;
    return [
      [
        `${router.name} ${protocol} ${address}:${port}`,
        flow({
          priority: 60,
          match: {
            ethType: ETHER_TYPE.ipv4,
            'router.number': router.number,
            ipProto: IP_PROTOCOL[protocol],
            ctState: ctState('+new+trk'),
            ipv4Dst: address,
            ...(protocol === 'tcp' ? { tcpDst: port } : { udpDst: port }),
          },
          actions: [
            ct({
              zone: router.number,
              commit: true,
              nat: { side: 'dst', address: toAddress, ports: [toPort, toPort] },
              table: 'next',
            }),
          ],
          intent: why(rule),
        }),
      ],
    ];
  });
}

function snatFlows(site: NatSite): Flows {
  const { router, rules } = site;
  const flows: Flows = [
    [
      `${router.name} replies`,
      flow({
        priority: REPLIES,
        match: { 'router.number': router.number, 'router.trackedState': ctState('+rpl') },
        actions: [goto('guard')],
        intent: { text: `router ${router.name}: replies are translated already`, source: router.source },
      }),
    ],
  ];
  for (const [index, rule] of rules.entries()) {
    if (rule.kind === 'snat') flows.push(...sourceFlow(site, rule, FIRST_RULE - index));
    else flows.push(...hairpinFlow(site, rule));
  }
  return flows;
}

function sourceFlow({ router, idOf }: NatSite, rule: Snat, priority: number): Flows {
  return [
    [
      `${router.name} ${rule.text}`,
      flow({
        priority,
        match: {
          ethType: ETHER_TYPE.ipv4,
          'router.number': router.number,
          segment: idOf(rule.interface),
          ipv4Src: inPrefix(rule.from),
        },
        actions: [
          ct({
            zone: router.snatZone,
            commit: true,
            nat: { side: 'src', address: rule.to, ports: rule.ports },
            table: 'guard',
          }),
        ],
        intent: why(rule),
      }),
    ],
  ];
}

/** A station that reaches its own segment by the public address gets its answers by the router too. */
function hairpinFlow({ router, segmentOf }: NatSite, rule: Extract<NatRule, { kind: 'forward' }>): Flows {
  const id = segmentOf(rule.toAddress);
  if (id === undefined) return [];
  return [
    [
      // Forwards to one target share it: its packets look the same by then.
      `${router.name} hairpin ${rule.protocol} ${rule.toAddress}:${rule.toPort}`,
      flow({
        priority: HAIRPIN,
        match: {
          ethType: ETHER_TYPE.ipv4,
          'router.number': router.number,
          ipProto: IP_PROTOCOL[rule.protocol],
          'router.trackedState': ctState('+dnat'),
          ingressSegment: id,
          segment: id,
          ipv4Dst: rule.toAddress,
          ...(rule.protocol === 'tcp' ? { tcpDst: rule.toPort } : { udpDst: rule.toPort }),
        },
        actions: [
          ct({ zone: router.snatZone, commit: true, nat: { side: 'src', address: rule.address }, table: 'guard' }),
        ],
        intent: why(rule),
      }),
    ],
  ];
}

/** What should have been translated and was not (no port was left, say) never leaves with its inside address. */
function guardFlows({ router, rules, idOf }: NatSite): Flows {
  return rules.flatMap((rule): Flows => {
    if (rule.kind !== 'snat') return [];
    return [
      [
        `${router.name} ${rule.text}`,
        flow({
          priority: 50,
          match: {
            ethType: ETHER_TYPE.ipv4,
            'router.number': router.number,
            segment: idOf(rule.interface),
            ipv4Src: inPrefix(rule.from),
          },
          actions: drop(),
          intent: { text: `${rule.text}: nothing leaves untranslated`, source: rule.source },
        }),
      ],
    ];
  });
}

export default defineApp({
  name: 'nat',
  tables: {
    unsnat: { stage: 'unsnat' },
    dnat: { stage: 'dnat' },
    snat: { stage: 'snat' },
    guard: { stage: 'snat' },
  },
  uses: ['router.number', 'router.trackedState', 'router.resolve'],
  attach({ dp, network, services, timers }) {
    let sites = natSites(network, dp);

    function update(): void {
      const { flows } = dp;
      flows.unsnat.replace(sites.flatMap(unsnatFlows));
      flows.dnat.replace(sites.flatMap(dnatFlows));
      flows.snat.replace(sites.flatMap(snatFlows));
      flows.guard.replace(sites.flatMap((site) => [...guardFlows(site), passFlow(site)]));
    }

    /** Targets of forwards are asked for ahead of the first connection, which then waits for nothing. */
    function askAhead(): void {
      for (const { rules, segmentOf } of sites) {
        for (const rule of rules) {
          const segment = rule.kind === 'forward' ? segmentOf(rule.toAddress) : undefined;
          if (rule.kind === 'forward' && segment !== undefined) services.get(resolve)?.ask(segment, rule.toAddress);
        }
      }
    }

    update();
    timers.after(ASK_SOON, askAhead);
    timers.every(ASK_AGAIN, askAhead);
    return {
      portUp: askAhead,
      networkChanged(changed) {
        sites = natSites(changed, dp);
        update();
        timers.after(ASK_SOON, askAhead);
      },
    };
  },
});

function passFlow({ router }: NatSite): Flows[number] {
  return [
    `${router.name} pass`,
    flow({
      priority: 10,
      match: { 'router.number': router.number },
      actions: [next()],
      intent: { text: `router ${router.name}: translated, or in no need of it`, source: router.source },
    }),
  ];
}
