/** What the stations of one switch say: so many conversations at a time, of which some end and others begin. */

import { createRandom } from '../random.ts';
import { beginConversation, type Conversation, numbered, numberIn, type Station, stationOf } from './conversation.ts';
import type { Delays } from './delays.ts';

export interface TrafficOptions {
  dpid: bigint;
  /** Numbered from 1. */
  ports: number;
  /** Conversations at a time. */
  flows: number;
  /** That end in a second; as many begin, each with a station that was never seen. */
  churn: number;
  now(): number;
  /** A station sends; the bytes are used again. True: the switch has asked its controller about it. */
  send(port: number, frame: Uint8Array): boolean;
  /** Where all of this is counted, of many switches perhaps. */
  counts: TrafficCounts;
  /** From a packet-in to where the packet was meant to go. */
  delays: Delays;
}

export interface TrafficCounts {
  sent: number;
  delivered: number;
  lost: number;
}

export interface Traffic {
  /** Whoever has something to say says it; what has not come is lost. */
  talk(): void;
  /** A frame has left the switch. */
  arrived(port: number, frame: Uint8Array): void;
  /** Servers that have got a request answer it. */
  answer(): void;
}

/** Milliseconds between two requests of a conversation. */
export const PERIOD = 1000;
/** What has not arrived by then is lost. */
export const PATIENCE = 1000;
const FIRST_CLIENT_PORT = 0xc000;
const CLIENT_PORTS = 0x4000;

interface Flight {
  conversation: Conversation;
  isAnswer: boolean;
  sentAt: number;
  /** When the controller was asked; undefined: it was not. */
  askedAt: number | undefined;
}

/** Throws where there are conversations and not two ports. */
export function createTraffic(options: TrafficOptions): Traffic {
  const { dpid, ports, flows, churn, now, send, counts, delays } = options;
  if (flows > 0 && ports < 2) throw new RangeError('stations talk from port to port: give a switch two ports at least');
  const residents = Array.from({ length: ports }, (_, i) => stationOf(dpid, i + 1, i + 1));
  /** Where more end in a second than there are, each has its turn sooner. */
  const period = Math.min(PERIOD, (PERIOD * flows) / Math.max(churn, Number.MIN_VALUE));
  /** That a conversation ends at its turn. */
  const ending = flows === 0 ? 0 : (churn * period) / PERIOD / flows;
  const conversations: Conversation[] = [];
  const dueAt = new Float64Array(flows);
  /** In the order in which they were sent. */
  const flights = new Map<number, Flight>();
  let unanswered: Conversation[] = [];
  let serial = ports;
  let turn = 0;
  let begun = 0;
  let number = 0;
  // Many switches do not all do it at once.
  let endings = createRandom(Number(dpid & 0xffff_ffffn))();

  /** A client at each port in turn, a server at one of the others. */
  function begin(isVisitor: boolean): Conversation {
    const at = begun % ports;
    const apart = 1 + (Math.floor(begun / ports) % (ports - 1));
    const client: Station = isVisitor ? stationOf(dpid, at + 1, ++serial) : residents[at]!;
    const server = residents[(at + apart) % ports]!;
    const conversation = beginConversation(client, server, begun % 2 === 1, FIRST_CLIENT_PORT + (begun % CLIENT_PORTS));
    begun++;
    return conversation;
  }

  function say(conversation: Conversation, isAnswer: boolean): void {
    number = (number + 1) >>> 0;
    if (!isAnswer) conversation.rounds++;
    const flight: Flight = { conversation, isAnswer, sentAt: now(), askedAt: undefined };
    flights.set(number, flight);
    counts.sent++;
    const from = isAnswer ? conversation.server : conversation.client;
    if (send(from.port, numbered(conversation, isAnswer, number))) flight.askedAt = now();
  }

  function answer(): void {
    while (unanswered.length > 0) {
      const all = unanswered;
      unanswered = [];
      for (const conversation of all) say(conversation, true);
    }
  }

  function giveUp(before: number): void {
    for (const [each, { sentAt }] of flights) {
      if (sentAt > before) return;
      flights.delete(each);
      counts.lost++;
    }
  }

  return {
    talk() {
      const moment = now();
      giveUp(moment - PATIENCE);
      for (let turns = 0; turns < flows && (turn >= conversations.length || dueAt[turn]! <= moment); turns++) {
        const standing = conversations[turn];
        if (standing === undefined) {
          conversations.push(begin(false));
          // Spread over the first period.
          dueAt[turn] = moment + (period * turn) / flows;
        } else {
          endings += ending;
          const isOver = endings >= 1;
          if (isOver) endings--;
          const speaking = isOver ? begin(true) : standing;
          conversations[turn] = speaking;
          dueAt[turn] = Math.max(dueAt[turn]! + period, moment);
          say(speaking, false);
          answer();
        }
        turn = turn + 1 === flows ? 0 : turn + 1;
      }
    },
    arrived(port, frame) {
      const which = numberIn(frame);
      const flight = which === undefined ? undefined : flights.get(which);
      if (flight === undefined) return;
      const { conversation, isAnswer, askedAt } = flight;
      // Copies that were flooded come to others, too.
      if (port !== (isAnswer ? conversation.client : conversation.server).port) return;
      flights.delete(which!);
      counts.delivered++;
      if (askedAt !== undefined) delays.add(now() - askedAt);
      if (!isAnswer) unanswered.push(conversation);
    },
    answer,
  };
}
