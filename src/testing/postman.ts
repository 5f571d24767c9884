/** Sends packets as guests do: what a short form leaves open is filled in, and a MAC address that is not known is asked for. */

import { parseIp } from '../../proto/wire/prefix.ts';
import { dissect } from '../packet/dissect.ts';
import { ICMP_TYPE } from '../packet/icmp.ts';
import { ICMPV6_TYPE } from '../packet/icmpv6.ts';
import { buildSolicitation } from '../packet/solicitation.ts';
import { allLeft, type Delivery, wholeWay } from './delivery.ts';
import { whereItGoes } from './expect-packet.ts';
import type { Guest } from './guest.ts';
import type { LabSwitch } from './lab-network.ts';
import { draftBytes, type End, isIpv6Between, type PacketDraft, packet as packets, type Sendable } from './packet.ts';
import { placeOf, unknown } from './place.ts';
import type { Stage } from './stage.ts';

export interface Postman {
  guestOf(name: string): Guest;
  send(from: string, packet: Sendable): Promise<Delivery>;
  ping(from: string, to: string): Promise<Delivery>;
}

export interface PostmanParts {
  guests: ReadonlyMap<string, Guest>;
  switches: ReadonlyMap<string, LabSwitch>;
  stage: Pick<Stage, 'deliver'>;
}

export function createPostman({ guests, switches, stage }: PostmanParts): Postman {
  let sequence = 0;

  function guestOf(name: string): Guest {
    const guest = guests.get(name);
    if (guest === undefined) throw unknown('guest', name, guests.keys());
    return guest;
  }

  function endOf(text: string): End {
    const guest = guests.get(text);
    if (guest !== undefined) return guest;
    const whose = [...guests.values()].find(({ ip, ip6 }) => ip === text || ip6 === text);
    const family = parseIp(text)?.family;
    if (family === 4) return { mac: whose?.mac, ip: text, ip6: undefined };
    if (family === 6) return { mac: whose?.mac, ip: undefined, ip6: text };
    throw unknown('guest', text, guests.keys());
  }

  /** Of whom a guest hands the packet to; `asks`: also of a guest it wants to hear it. */
  async function nextHop(guest: Guest, src: End, dst: End, asks: boolean): Promise<string> {
    const isIpv6 = isIpv6Between(src, dst);
    const target = (isIpv6 ? dst.ip6 : dst.ip)!;
    const isOnLink = guest.isOnLink(target);
    if (!isOnLink && guest.gateway === undefined)
      throw new Error(`${target} is not on the link of ${guest.name}: give the guest a \`gateway\``);
    const hop = isOnLink ? target : guest.gateway!;
    const known = guest.neighbours.get(hop);
    if (known !== undefined) return known;
    if (isOnLink && !asks && dst.mac !== undefined) return dst.mac;
    const question = hop.includes(':')
      ? buildSolicitation({ mac: guest.mac, src: guest.ip6 ?? '::', target: hop, vlan: guest.vlan })
      : draftBytes(packets.arp(withVlan(guest, {})), {
          src: guest,
          dst: { mac: undefined, ip: hop, ip6: undefined },
          ethDst: '',
        });
    const asked = await stage.deliver(guest.name, guest.at, question);
    const found = guest.neighbours.get(hop);
    if (found !== undefined) return found;
    throw new Error(`nobody answers ${guest.name} who has ${hop}: ${whereItGoes(asked)}\n\n${wholeWay(asked)}`);
  }

  async function bytesOf(from: string, draft: PacketDraft, asks: boolean): Promise<Uint8Array> {
    const guest = guests.get(from);
    const source = draft.src ?? guest?.name;
    if (source === undefined) throw new Error(`who sends it? ${from} is no guest: give the packet a \`src\``);
    if (draft.dst === undefined) throw new Error('who is it for? Give the packet a `dst`');
    const [src, dst] = [endOf(source), endOf(draft.dst)];
    const given = draft.eth?.dst ?? (draft.arp === undefined ? undefined : '');
    const ethDst = given ?? (guest === undefined ? dst.mac : await nextHop(guest, src, dst, asks));
    if (ethDst === undefined)
      throw new Error(`whose MAC address is it for? No guest is ${draft.dst}: give \`eth: { dst }\``);
    return draftBytes(guest === undefined ? draft : withVlan(guest, draft), { src, dst, ethDst });
  }

  async function send(from: string, packet: Sendable, asks: boolean): Promise<Delivery> {
    const place = guests.get(from)?.at ?? from;
    // An unknown name without a colon was meant as a guest's.
    if (!guests.has(from) && !from.includes(':')) throw unknown('guest', from, guests.keys());
    placeOf(place, switches);
    const frame = packet instanceof Uint8Array ? packet : await bytesOf(from, packet, asks);
    return stage.deliver(from, place, frame);
  }

  return {
    guestOf,
    send: (from, packet) => send(from, packet, false),
    async ping(from, to) {
      guestOf(from);
      const number = ++sequence;
      const delivery = await send(from, packets.ping(from, to, { sequence: number }), true);
      const isAnswer = (frame: Uint8Array) => {
        const { icmp, icmpv6 } = dissect(frame);
        const isReply = icmp?.type === ICMP_TYPE.echoReply || icmpv6?.type === ICMPV6_TYPE.echoReply;
        return isReply && (icmp ?? icmpv6)?.sequence === number;
      };
      const back = allLeft(delivery).filter(({ frame }) => isAnswer(frame));
      if (back.some(({ guest, taken }) => guest === from && taken)) return delivery;
      const lost = answersIn(delivery).find(({ frame }) => frame !== undefined && isAnswer(frame));
      const what =
        lost === undefined ? `the ping of ${from} does not reach ${to}` : `the answer of ${to} does not reach ${from}`;
      throw new Error(`${what}: ${whereItGoes(lost ?? delivery)}\n\n${wholeWay(delivery)}`);
    },
  };
}

function answersIn({ answers }: Delivery): Delivery[] {
  return answers.flatMap((answer) => [answer, ...answersIn(answer)]);
}

function withVlan<D extends { vlan?: number }>(guest: Guest, draft: D): D {
  return guest.vlan === undefined || draft.vlan !== undefined ? draft : { ...draft, vlan: guest.vlan };
}
