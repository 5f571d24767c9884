/**
 * What netfilter does with packets, as its documentation tells (nft(8); the hooks' order: conntrack, DNAT, routing, filter,
 * SNAT): small, slow, and written without a look at how Flowloom does it. No time passes in it.
 */

import { beginsTcp, type Connection, type Sent, type Verdict, zonesBetween } from './connection.ts';
import { createFilter, type FilteredWay } from './filter.ts';
import { isRefusedAt } from './interface-options.ts';
import { translateDestination, translateSource } from './model-nat.ts';
import {
  type Choice,
  interfaceOf,
  isFiltered,
  isOwn,
  type Network,
  type Outcome,
  type Packet,
  proxied,
  type Refusal,
  reversed,
  same,
  type TcpFlag,
  towards,
} from './network.ts';

export interface Model {
  receive(sent: Sent): Verdict;
  /** The source that the connection got whose first packet `receive` saw last. False: another one has it. */
  chosen(packet: Packet): boolean;
  /** An ICMP error from `src` about a packet as whoever sends the error knows it. */
  receiveError(about: Packet, src: string, arrival: string, bridged?: Sent['bridged']): Verdict;
  /** The connection of this packet is over: what comes next begins another. */
  end(packet: Packet, bridged?: { from: string; to: string; arrival: string }): void;
}

/** `met`: told what of the network has decided a packet. */
export function createModel(network: Network, met: (what: string) => void): Model {
  const connections: Connection[] = [];
  /** Answers to connections that are over: conntrack may know them for a while. */
  const late: Packet[] = [];
  const filter = createFilter(network, met);
  const isPublic = (address: string) => proxied(network).some((each) => each.address === address);
  const isLocal = (address: string) => isOwn(network, address) || isPublic(address);

  /** The connection that a packet belongs to, and what it looks like on its way out. */
  function find(
    packet: Packet,
    between?: string,
  ): { connection: Connection; isReply: boolean; out: Packet } | undefined {
    for (const connection of connections) {
      const { original, reply } = connection;
      if (connection.between !== between) continue;
      if (same(packet, original)) return { connection, isReply: false, out: reversed(reply) };
      if (same(packet, reply)) return { connection, isReply: true, out: reversed(original) };
    }
    return undefined;
  }

  function isTaken(reply: Packet): boolean {
    const routed = connections.filter(({ between }) => between === undefined);
    return routed.some((each) => same(each.reply, reply) || same(each.original, reply));
  }

  /** What becomes of a packet of a connection that the rules that stand now do not let pass; undefined: it goes on. */
  function refuse(
    { entry }: Connection,
    { isReply, isError }: { isReply: boolean; isError: boolean },
    packet: Packet,
    flags: readonly TcpFlag[] = [],
  ): Verdict | 'maybe' | undefined {
    if (entry === undefined) return undefined;
    const dropped: Verdict = { outcome: { kind: 'dropped' }, logged: [] };
    const isSame = entry.firewall === network.firewall;
    const { rule, chain, action } = isSame ? { ...entry, action: 'accept' } : filter.look(entry);
    if (chain === entry.chain) {
      const isCounted = !isReply && entry.rule !== undefined;
      return isCounted && !filter.isWithinLimit(entry.rule!, entry.way.isBridged) ? dropped : undefined;
    }
    met(`judged again: ${action}${isReply ? ', an answer' : ''}`);
    if (isReply || isError) return action === 'accept' ? 'maybe' : dropped;
    // Nobody answers a reset.
    if (action === 'drop' || (action === 'reject' && flags.includes('rst'))) return dropped;
    if (action === 'accept') {
      entry.rule = rule;
      entry.chain = chain;
      return undefined;
    }
    const how: Refusal = packet.protocol === 'tcp' ? 'reset' : 'port unreachable';
    return { outcome: { kind: 'refused', how, about: packet }, logged: [] };
  }

  /** Where no route leads, and where nobody is. */
  function deliver(packet: Packet, sent: Packet): Outcome {
    const way = towards(network, packet.dst);
    if (way === undefined) return { kind: 'refused', how: 'no route', about: sent };
    if ('refused' in way) {
      if (way.refused === 'blackhole') return { kind: 'dropped' };
      const how: Refusal = way.refused === 'prohibit' ? 'prohibited' : 'host unreachable';
      return { kind: 'refused', how, about: sent };
    }
    return way.guest === undefined ? { kind: 'dropped' } : { kind: 'delivered', at: way.guest, packet };
  }

  function answer({ protocol, dst }: Packet): Outcome {
    return { kind: protocol === 'icmp' && isOwn(network, dst) ? 'pong' : 'local' };
  }

  /** A packet of one guest to another of its segment; what it begins. */
  function receiveBridged(sent: Sent, { from, to }: { from: string; to: string }): Verdict {
    const { packet, arrival, flags, isRequest } = sent;
    const delivered = (logged: string[]): Verdict => ({ outcome: { kind: 'delivered', at: to, packet }, logged });
    const dropped: Verdict = { outcome: { kind: 'dropped' }, logged: [] };
    if (!isFiltered(network, interfaceOf(network, arrival))) return delivered([]);
    const [zones, between] = zonesBetween(network, from, to, arrival);
    const known = find(packet, between);
    if (known !== undefined) {
      met('known within a segment');
      const refused = refuse(known.connection, { ...known, isError: false }, packet, flags);
      if (refused === 'maybe') return { ...delivered([]), mayBeDropped: true };
      return refused ?? delivered([]);
    }
    if (packet.protocol === 'tcp' ? !beginsTcp(flags) : !isRequest) return { ...dropped, isInvalid: true };
    const way = { ...zones, isRouteback: false, isBridged: true };
    const { action, rule, chain, logged } = filter.judge(sent, packet, way);
    met(`${action} within a segment`);
    if (action === 'drop') return { ...dropped, logged };
    if (action === 'reject') {
      const how: Refusal = packet.protocol === 'tcp' ? 'reset' : 'port unreachable';
      return { outcome: { kind: 'refused', how, about: packet }, logged };
    }
    const entry = { sent, forwarded: packet, way, rule, chain, firewall: network.firewall };
    connections.push({ original: packet, reply: reversed(packet), inner: reversed(packet), between, entry });
    return delivered(logged);
  }

  function receive(sent: Sent): Verdict {
    const { packet, flags, isRequest, bridged } = sent;
    if (bridged !== undefined) return receiveBridged(sent, bridged);
    const plain = (outcome: Outcome): Verdict => ({ outcome, logged: [] });
    const option = isRefusedAt(network, sent);
    if (option !== undefined) {
      met(`option ${option}`);
      return plain({ kind: 'dropped' });
    }
    const known = find(packet);
    if (known !== undefined) {
      met(known.isReply ? 'a reply' : 'known');
      const refused = refuse(known.connection, { ...known, isError: false }, packet, flags);
      if (refused !== undefined && refused !== 'maybe') return refused;
      const verdict = plain(isLocal(known.out.dst) ? answer(known.out) : deliver(known.out, packet));
      return refused === 'maybe' ? { ...verdict, mayBeDropped: true } : verdict;
    }
    const isInner = connections.some(({ inner, between }) => between === undefined && same(inner, packet));
    if (packet.protocol === 'tcp' ? !beginsTcp(flags) : !isRequest) return invalid(packet);
    const verdict = begin(sent);
    return isInner ? { ...verdict, isInner } : verdict;
  }

  /** The first packet of a connection. */
  function begin(sent: Sent): Verdict {
    const { packet, arrival } = sent;
    const { packet: forwarded, rule: translated } = translateDestination(network, packet, met);
    const way = towards(network, forwarded.dst);
    const local = isLocal(forwarded.dst);
    if (!local && (way === undefined || 'refused' in way)) {
      met('a route that refuses');
      return { outcome: deliver(forwarded, packet), logged: [] };
    }
    const out = way !== undefined && 'out' in way ? way.out : undefined;
    const filtered: FilteredWay = {
      from: interfaceOf(network, arrival).zone,
      to: local ? 'fw' : out!.zone,
      isRouteback: !local && out!.name === arrival && out!.options.includes('routeback'),
      isBridged: false,
    };
    const { action, rule, chain, logged } = filter.judge(sent, forwarded, filtered);
    const { firewall } = network;
    const entry = firewall && { sent, forwarded, way: filtered, rule, chain, firewall };
    if (action === 'drop') return { outcome: { kind: 'dropped' }, logged };
    if (action === 'reject') {
      const how: Refusal = packet.protocol === 'tcp' ? 'reset' : 'port unreachable';
      return { outcome: { kind: 'refused', how, about: packet }, logged };
    }
    if (local) {
      connections.push({
        ...{ original: packet, reply: reversed(forwarded), inner: reversed(forwarded) },
        ...{ between: undefined, entry },
      });
      return { outcome: answer(forwarded), logged };
    }
    const choice = translateSource(network, forwarded, { arrival, out: out!.name, translated }, met);
    const wanted: Packet = choice === undefined ? forwarded : { ...forwarded, src: choice.addresses[0] };
    const free = choice === undefined ? wanted : firstFree(wanted, choice);
    if (free === undefined) {
      met('nothing left to translate to');
      return { outcome: { kind: 'dropped' }, logged };
    }
    connections.push({
      ...{ original: packet, reply: reversed(free), inner: reversed(forwarded), between: undefined, entry },
    });
    const outcome = deliver(free, packet);
    const isOpen = choice !== undefined && (choice.ports !== undefined || choice.addresses[0] !== choice.addresses[1]);
    // The port stays where it can.
    const kept = choice?.ports === undefined && free.srcPort !== wanted.srcPort;
    if (kept) met('another port, as its own is taken');
    const mayMove = late.some((each) => same(each, reversed(free)));
    if (!isOpen && !kept && !mayMove) return { outcome, logged };
    const addresses = choice?.addresses ?? [free.src, free.src];
    return { outcome, logged, choice: { addresses, ports: choice?.ports ?? [1, 65_535] } };
  }

  function firstFree(wanted: Packet, { addresses, ports }: Choice): Packet | undefined {
    const own = (packet: Packet) => (isTaken(reversed(packet)) ? undefined : packet);
    if (wanted.protocol === 'icmp' || wanted.protocol === 'other') return own(wanted);
    if (ports === undefined && own(wanted) !== undefined) return wanted;
    const [first, last] = ports ?? [1024, 65_535];
    const inside = first <= wanted.srcPort && wanted.srcPort <= last ? own(wanted) : undefined;
    if (inside !== undefined) return inside;
    for (let srcPort = first; srcPort <= last; srcPort++) {
      const found = own({ ...wanted, srcPort });
      if (found !== undefined) return found;
    }
    return addresses[0] === addresses[1] ? undefined : wanted;
  }

  /** Without a firewall it goes on as it is, unless it ought to be translated. */
  function invalid(
    packet: Packet,
    onward: (at: string) => Outcome = (at) => ({ kind: 'delivered', at, packet }),
  ): Verdict {
    met('invalid');
    const verdict = (outcome: Outcome): Verdict => ({ outcome, logged: [], isInvalid: true });
    if (network.firewall !== undefined) return verdict({ kind: 'dropped' });
    if (isLocal(packet.dst)) return verdict({ kind: 'local' });
    const way = towards(network, packet.dst);
    if (way === undefined || 'refused' in way) return verdict(deliver(packet, packet));
    const place = { arrival: '', out: way.out.name, translated: undefined };
    if (way.guest === undefined || translateSource(network, packet, place, () => {}) !== undefined) {
      return verdict({ kind: 'dropped' });
    }
    return verdict(onward(way.guest));
  }

  function receiveBridgedError(about: Packet, arrival: string, { from, to }: { from: string; to: string }): Verdict {
    const outcome: Outcome = { kind: 'error delivered', at: to, about };
    if (!isFiltered(network, interfaceOf(network, arrival))) return { outcome, logged: [] };
    const known = find(reversed(about), zonesBetween(network, from, to, arrival)[1]);
    if (known === undefined) return { outcome: { kind: 'dropped' }, logged: [], isInvalid: true };
    met('an error within a segment');
    const refused = refuse(known.connection, { ...known, isError: true }, about);
    if (refused === 'maybe') return { outcome, logged: [], mayBeDropped: true };
    return refused ?? { outcome, logged: [] };
  }

  return {
    receive,
    chosen(packet) {
      const connection = connections.at(-1)!;
      const reply = reversed(packet);
      const isFree = connections.every((each) => each === connection || !same(each.reply, reply));
      connection.reply = reply;
      return isFree;
    },
    receiveError(about, src, arrival, bridged) {
      if (bridged !== undefined) return receiveBridgedError(about, arrival, bridged);
      const outer: Packet = { ...about, protocol: 'icmp', src, dst: about.src };
      const sent: Sent = { packet: outer, arrival, flags: [], isRequest: false, size: 0 };
      if (isRefusedAt(network, sent) !== undefined) return { outcome: { kind: 'dropped' }, logged: [] };
      // It quotes a packet of the connection; it goes back to who sent that, which it then quotes as that one knows it.
      const back = find(reversed(about));
      if (back === undefined) return invalid(outer, (at) => ({ kind: 'error delivered', at, about }));
      met(back.isReply ? 'an error about what was sent' : 'an error about an answer');
      const refused = refuse(back.connection, { ...back, isError: true }, about);
      if (refused !== undefined && refused !== 'maybe') return refused;
      const way = towards(network, back.out.dst);
      const at = way !== undefined && 'out' in way ? way.guest : undefined;
      const outcome: Outcome =
        at === undefined ? { kind: 'dropped' } : { kind: 'error delivered', at, about: reversed(back.out) };
      return refused === 'maybe' ? { outcome, logged: [], mayBeDropped: true } : { outcome, logged: [] };
    },
    end(packet, bridged) {
      const known = find(packet, bridged && zonesBetween(network, bridged.from, bridged.to, bridged.arrival)[1]);
      if (known === undefined) return;
      connections.splice(connections.indexOf(known.connection), 1);
      late.push(known.connection.reply);
    },
  };
}
