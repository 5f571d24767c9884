/** The switch answers ARP (RFC 826) for the addresses of its routers. */

import { type AppFlow, actions, ETHER_TYPE, flow, goto, move, next, punt, set } from '../../src/index.ts';
import { ANSWERS } from './meters.ts';
import { backWhereItCameFrom } from './send-back.ts';
import type { SiteInterface, SiteRouter } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

const REQUEST = 1;
const REPLY = 2;
const answers = punt(undefined, { meter: ANSWERS });

export function respondFlows(routers: SiteRouter[]): Flows {
  return routers.flatMap(({ name, interfaces }) =>
    interfaces.flatMap((each) =>
      each.own.flatMap(
        (address): Flows => [
          ...(each.hostAnswers ? [] : [answerFlow(name, address, each)]),
          [
            `${name} resolved ${address}`,
            flow({
              priority: 100,
              match: { ethType: ETHER_TYPE.arp, segment: each.id, arpOp: REPLY, arpTpa: address },
              actions: each.hostAnswers ? [answers, next()] : [answers],
              intent: {
                text: `a neighbour of ${name}/${each.name} answers: packets that wait for it go on`,
                source: each.source,
              },
            }),
          ],
        ],
      ),
    ),
  );
}

function answerFlow(router: string, address: string, { id, mac, source }: SiteInterface): Flows[number] {
  return [
    `${router} answer ${address}`,
    flow({
      priority: 100,
      match: { ethType: ETHER_TYPE.arp, segment: id, arpOp: REQUEST, arpTpa: address },
      actions: actions(
        move('ethSrc', 'ethDst'),
        set({ ethSrc: mac, arpOp: REPLY }),
        move('arpSha', 'arpTha'),
        set({ arpSha: mac }),
        move('arpSpa', 'arpTpa'),
        set({ arpSpa: address }),
        backWhereItCameFrom(),
        goto('output'),
      ),
      intent: { text: `answer ARP for ${address}`, source },
    }),
  ];
}
