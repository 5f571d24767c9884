/**
 * The switch answers neighbour solicitations (RFC 4861 7.2) for its routers: a solicitation is made into an advertisement. Open
 * vSwitch lets flows set the link-layer option of an advertisement only where they match one, hence a second table. Who asks
 * whether an address is free (RFC 4862 5.4) has none itself, and is answered by the app.
 */

import {
  type AppAction,
  type AppFlow,
  actions,
  drop,
  flow,
  goto,
  load,
  move,
  ND_OPTION,
  ND_TYPE,
  next,
  punt,
  set,
} from '../../src/index.ts';
import { ADVERTISEMENT, SOLICITATION } from './family.ts';
import { ANSWERS } from './meters.ts';
import { REFUSED } from './route-flows.ts';
import { withSelf } from './self-flows.ts';
import { backWhereItCameFrom } from './send-back.ts';
import type { SiteInterface, SiteRouter } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

const answers = punt(undefined, { meter: ANSWERS });

/** Flags of an advertisement: from a router, solicited, override. */
const FLAGS = 0xe0000000;
const UNSPECIFIED = '::';
/** A bit that is of no use yet: an advertisement of the host that shares the MAC goes on as it is. */
const MADE_HERE = 'router.neighbourKnown';

export function solicitationFlows(routers: readonly SiteRouter[]): Flows {
  return routers.flatMap(({ name, interfaces }) =>
    interfaces.flatMap((each) =>
      ownOf(each).flatMap((address): Flows => {
        const heard: Flows[number] = [
          `${name}/${each.name} resolved ${address}`,
          flow({
            priority: 100,
            match: { ...ADVERTISEMENT, segment: each.id, ipv6Dst: address },
            actions: each.hostAnswers ? [answers, next()] : [answers],
            intent: {
              text: `a neighbour of ${name}/${each.name} answers: packets that wait for it go on`,
              source: each.source,
            },
          }),
        ];
        return each.hostAnswers ? [heard] : [heard, ...answerFlows(name, address, each)];
      }),
    ),
  );
}

/** Its own addresses on the segment, the link-local one among them. */
export function ownOf({ own, linkLocal }: SiteInterface): string[] {
  return linkLocal === undefined ? [] : [...own.filter((address) => address.includes(':')), linkLocal];
}

function answerFlows(router: string, address: string, { id, name, mac, source }: SiteInterface): Flows {
  const match = { ...SOLICITATION, segment: id, ipv6NdTarget: address };
  const key = `${router}/${name} ${address}`;
  return [
    [
      `${key} is asked for`,
      flow({
        priority: 100,
        match,
        actions: actions(advertisement(mac, set({ ipv6Src: address })), backWhereItCameFrom(), goto('advertise')),
        intent: { text: `answer neighbour solicitations for ${address}`, source },
      }),
    ],
    [`${key} is taken`, takenFlow(110, match, address, source)],
  ];
}

/** Above what answers. `match`: of solicitations for it. */
export function takenFlow(priority: number, match: AppFlow['match'], address: string, source: string): AppFlow {
  return {
    priority,
    match: { ...match, ipv6Src: UNSPECIFIED },
    actions: [punt(undefined, { meter: REFUSED })],
    intent: { text: `${address} is taken: told to whoever would have it`, source },
  };
}

/** All but the link-layer option; goes on to the second table. `source`: sets the target as where it comes from. */
export function advertisement(mac: string, source: AppAction[]): AppAction[] {
  return actions(
    move('ethSrc', 'ethDst'),
    set({ ethSrc: mac }),
    move('ipv6Src', 'ipv6Dst'),
    source,
    set({
      icmpv6Type: ND_TYPE.neighborAdvertisement,
      icmpv6NdOptionsType: ND_OPTION.targetLinkLayer,
      icmpv6NdReserved: FLAGS,
      [MADE_HERE]: 1,
    }),
  );
}

/** The second table. */
export function advertiseFlows(routers: readonly SiteRouter[]): Flows {
  const flows = new Map<string, Flows[number]>();
  for (const { name, mac, self, interfaces, source } of routers) {
    const macs = interfaces.flatMap((each) => (each.linkLocal === undefined ? [] : [each.mac]));
    if (self !== undefined && self.at === undefined && macs.length > 0) macs.push(mac);
    for (const each of new Set(macs)) {
      flows.set(each, [
        each,
        flow({
          priority: 100,
          match: { ...ADVERTISEMENT, ethSrc: each, [MADE_HERE]: 1 },
          actions: actions(set({ ipv6NdTll: each }), goto('output')),
          intent: { text: `router ${name} advertises its MAC`, source },
        }),
      ]);
    }
  }
  return [...flows.values()];
}

/** As with ARP: the host at `self`, whose port is in no segment, is answered for everything but its own addresses. */
export function selfSolicitationFlows(routers: readonly SiteRouter[]): Flows {
  return withSelf(routers).flatMap(({ name, mac, self, interfaces }): Flows => {
    const own = interfaces.flatMap(ownOf);
    if (self.at !== undefined || own.length === 0) return [];
    const from = { ...SOLICITATION, inPort: self.port };
    const silent = { text: `the host at ${self.name} asks about its own address`, source: self.source };
    return [
      [
        `${name} self solicits nobody`,
        flow({ priority: 130, match: { ...from, ipv6Src: UNSPECIFIED }, actions: drop(), intent: silent }),
      ],
      ...own.map((address): Flows[number] => [
        `${name} self solicits ${address}`,
        flow({ priority: 130, match: { ...from, ipv6NdTarget: address }, actions: drop(), intent: silent }),
      ]),
      [
        `${name} self solicits`,
        flow({
          priority: 120,
          match: from,
          actions: actions(
            advertisement(mac, [move('ipv6NdTarget', 'ipv6Src')]),
            set({ outPort: self.port }),
            load('nxmInPort', 0),
            goto('advertise'),
          ),
          intent: { text: `router ${name} answers solicitations of the host at ${self.name}`, source: self.source },
        }),
      ],
    ];
  });
}
