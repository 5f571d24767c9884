/** The packets of a case through Linux' netfilter, by a ruleset of nftables. */

import { dissect } from '../../src/packet/dissect.ts';
import { ROUTER_MAC } from './file.ts';
import type { KernelRouter } from './kernel-router.ts';
import { behind, type Case, type Network, proxied } from './network.ts';
import { type Played, play } from './play.ts';
import { rulesetOf } from './ruleset.ts';
import { nobodyIn } from './step-choice.ts';

/** What asks by ARP whether the router has done with a frame, where the network is of IPv6. */
export function askedAddress(device: string): string {
  return `169.254.${device.slice(1)}.254`;
}

export async function filterByKernel(router: KernelRouter, given: Case): Promise<Played> {
  const { network } = given;
  await router.begin(
    network.interfaces.map(({ name }) => name),
    commandsOf(network),
    rulesetOf(network),
  );
  return play(given, {
    routerMac: ROUTER_MAC,
    macOf,
    async send(from, frame) {
      const came = await router.send(behind(network, from).name, frame);
      return came.flatMap(({ frame: each }) => {
        const at = guestOf(network, dissect(each).eth?.dst);
        return at === undefined ? [] : [{ at, frame: each, isTaken: true }];
      });
    },
    // Those that stay on a segment are no affair of a router's.
    isPassedOver: ({ neighbour }) => neighbour !== undefined,
    mayDiffer({ packet, expected: { outcome, isInvalid } }, found) {
      // The host answers for itself.
      if (outcome.kind === 'local') return true;
      // What is not known is dropped behind the routes there, and goes on untranslated where nothing filters.
      if (isInvalid === true && outcome.kind === 'dropped')
        return found.kind === 'refused' || network.firewall === undefined;
      if (outcome.kind !== 'refused' || outcome.how === 'reset') return false;
      // Of an unknown protocol it wants a checksum over all of the packet before it answers.
      if (outcome.how === 'port unreachable') return packet.protocol === 'other' && found.kind === 'dropped';
      // Of errors about missing routes the kernel sends few, and no setting of a namespace changes that.
      if (found.kind === 'dropped') return true;
      // An unreachable route is to IPv6 none at all.
      return outcome.how === 'host unreachable' && found.kind === 'refused' && found.how === 'no route';
    },
  });
}

function commandsOf(network: Network): string[] {
  const { family, interfaces, routes } = network;
  const nobody = nobodyOf(network);
  const version = family === 4 ? 'ip -4' : 'ip -6';
  const sysctl = (...words: string[]) => words.map((word) => `sysctl -qw ${word}`);
  return [
    ...sysctl(
      'net.ipv4.ip_forward=1',
      'net.ipv6.conf.all.forwarding=1',
      'net.ipv4.icmp_ratelimit=0',
      'net.ipv6.icmp.ratelimit=0',
    ),
    ...sysctl(
      'net.ipv4.conf.all.rp_filter=0',
      'net.ipv4.conf.default.rp_filter=0',
      'net.ipv4.conf.all.send_redirects=0',
    ),
    ...sysctl('net.ipv4.conf.default.send_redirects=0', 'net.ipv6.conf.default.accept_dad=0'),
    'ip link set lo up',
    ...interfaces.flatMap(({ name, own, guests }) => [
      `ip link set ${name} address ${ROUTER_MAC}`,
      `ip link set ${name} up`,
      `ip -4 address add ${askedAddress(name)}/32 dev ${name}`,
      // Of several addresses of IPv6 the kernel prefers one that is not the first, unless the others are deprecated.
      ...own.map((each, i) => {
        const ipv6 = `nodad ${i > 0 ? 'preferred_lft 0' : ''}`;
        return `${version} address add ${each}/${family === 4 ? 24 : 64} dev ${name} ${family === 6 ? ipv6 : ''}`;
      }),
      ...proxied(network)
        .filter(({ at }) => at.name === name)
        .map(
          ({ address }) =>
            `${version} address add ${address}/${family === 4 ? 32 : '128 nodad preferred_lft 0'} dev ${name}`,
        ),
      ...[...guests, { name: 'nobody', address: nobody(name) }].map(
        (guest) => `${version} neigh replace ${guest.address} lladdr ${macOf(guest.name)} nud permanent dev ${name}`,
      ),
    ]),
    ...routes.map(({ prefix, via }) => {
      if ('refused' in via) return `${version} route add ${via.refused} ${prefix}`;
      const { address } = interfaces.flatMap(({ guests }) => guests).find(({ name }) => name === via.guest)!;
      return `${version} route add ${prefix} via ${address}`;
    }),
  ];
}

/** Where a packet for nobody is sent: the kernel would tell its sender seconds later that nobody answers. */
function nobodyOf({ interfaces }: Network): (name: string) => string {
  return (name) => nobodyIn(interfaces.find((each) => each.name === name)!.prefix);
}

/** `g12` → 02:00:00:00:01:02 */
function macOf(guest: string): string {
  if (guest === 'nobody') return '02:00:00:00:00:99';
  return `02:00:00:00:0${guest[1]}:0${guest[2]}`;
}

function guestOf(network: Network, mac: string | undefined): string | undefined {
  return network.interfaces.flatMap(({ guests }) => guests).find(({ name }) => macOf(name) === mac)?.name;
}
