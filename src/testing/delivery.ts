/** What became of a packet in a lab: where it left, which apps and guests got it, and its way in words. */

import { describePacket } from '../packet/describe.ts';

/** A frame that has left a switch by a port where no other switch of the lab is. */
export interface LeftFrame {
  /** `s1:b`; the switch's own port, LOCAL, has the bridge's name: `s1:s1`, `hv1/br0:br0`. */
  readonly at: string;
  readonly isLocal: boolean;
  /** Who is there; undefined: nobody that the lab knows. */
  readonly guest: string | undefined;
  /** The guest takes it: its MAC address, or a group's, and its VLAN. */
  readonly taken: boolean;
  readonly frame: Uint8Array;
}

export interface AppPacketIn {
  readonly app: string;
  readonly switch: string;
  readonly frame: Uint8Array;
}

export interface Delivery {
  /** `web1`, `s1:a`; `the clock` of what came as time went on. */
  readonly from: string;
  /** undefined: of what no packet was the beginning. */
  readonly frame: Uint8Array | undefined;
  /** In order. What apps sent because of it is among them. */
  readonly left: readonly LeftFrame[];
  readonly packetIns: readonly AppPacketIn[];
  /** Ports whose cable is cut, where it was lost. */
  readonly lost: readonly string[];
  /** What guests answered by themselves, and what became of that. */
  readonly answers: readonly Delivery[];
  /** Table by table: the flow that matched, its app, its intent and its line in the file. */
  readonly way: string;
  /** What a guest's name stands for: for expectations. */
  readonly named: (name: string, layer: string) => string | undefined;
  /** Throws where the lab has no such place, guest or app. */
  readonly known: (what: 'place' | 'guest' | 'app', name: string) => void;
}

/** With what the answers came to. */
export function allLeft(delivery: Delivery): LeftFrame[] {
  return [...delivery.left, ...delivery.answers.flatMap(allLeft)];
}

export function allPacketIns(delivery: Delivery): AppPacketIn[] {
  return [...delivery.packetIns, ...delivery.answers.flatMap(allPacketIns)];
}

/** `web1's packet`, where messages speak of it. */
export function subjectOf({ from, frame }: Delivery): string {
  return frame === undefined ? `what ${from} brought` : `the packet of ${from}`;
}

/** Its way, and those of the answers. */
export function wholeWay(delivery: Delivery): string {
  const { from, frame, way, answers } = delivery;
  const head = frame === undefined ? `${from}:` : `${from} sends ${describePacket(frame)}`;
  return [`${head}\n${way}`, ...answers.map(wholeWay)].join('\n');
}
