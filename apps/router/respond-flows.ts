/** The switch answers ARP (RFC 826) for the addresses of its routers. */

import {
  type AppFlow,
  ARP_REPLY,
  ARP_REQUEST,
  actions,
  ETHER_TYPE,
  familyOf,
  flow,
  goto,
  inPrefix,
  next,
  punt,
} from '../../src/index.ts';
import { arpAnswer } from './arp-answer.ts';
import { ANSWERS } from './meters.ts';
import { backWhereItCameFrom } from './send-back.ts';
import type { SiteInterface, SiteRouter } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

/** Sender's address of a probe. */
const PROBE = '0.0.0.0';
const answers = punt(undefined, { meter: ANSWERS });

export function respondFlows(routers: SiteRouter[]): Flows {
  return routers.flatMap(({ name, interfaces }) =>
    interfaces.flatMap((each) =>
      each.own
        .filter((address) => !address.includes(':'))
        .flatMap(
          (address): Flows => [
            ...(each.hostAnswers ? [] : answerFlows(name, address, each)),
            [
              `${name} resolved ${address}`,
              flow({
                priority: 100,
                match: { ethType: ETHER_TYPE.arp, segment: each.id, arpOp: ARP_REPLY, arpTpa: address },
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

/** Who is on the interface's prefixes, and who asks whether the address is free (RFC 5227). */
function answerFlows(router: string, address: string, each: SiteInterface): Flows {
  const prefixes = each.connected.filter((prefix) => familyOf(prefix) === 4);
  return [...prefixes, PROBE].map((asker) => [
    `${router} answer ${address} to ${asker}`,
    flow({
      priority: 100,
      match: {
        ethType: ETHER_TYPE.arp,
        segment: each.id,
        arpOp: ARP_REQUEST,
        arpTpa: address,
        arpSpa: asker === PROBE ? PROBE : inPrefix(asker),
      },
      actions: actions(arpAnswer(each.mac, address), backWhereItCameFrom(), goto('output')),
      intent: { text: `answer ARP for ${address}`, source: each.source },
    }),
  ]);
}
