/** NXAST_MULTIPATH, _BUNDLE and _BUNDLE_LOAD (nicira-ext.h): a link or a port chosen by a hash of the packet. */

import type { Action } from '../../../../proto/openflow/action.ts';
import type { PortBundle, PortBundleLoad } from '../../../../proto/openflow/nicira/hashed.ts';
import { RESERVED_PORTS } from '../../../../proto/openflow/reserved-numbers.ts';
import type { TlvTable } from '../../key/tlv-table.ts';
import type { SwitchState } from '../../switch-state.ts';
import { hashPacket, hashWords } from '../hash.ts';
import type { Step } from '../program.ts';
import { outputTo, portNumberOf } from './output.ts';
import { runOfBits, writer } from './run-of-bits.ts';

type Multipath = Extract<Action, { type: 'multipath' }>;

export function multipath(action: Multipath, fields: TlvTable): Step | undefined {
  const run = runOfBits(action.to, fields);
  if (run === undefined) return undefined;
  const put = writer(run);
  return {
    of: action,
    needsHeaders: true,
    run(translation) {
      const hash = hashPacket(translation.key, action.fields, action.basis);
      put(translation, [linkOf(action, hash)]);
    },
  };
}

const MOST_WEIGHED = 64;

function linkOf({ algorithm, maxLink, arg }: Multipath, hash: number): number {
  const links = maxLink + 1;
  switch (algorithm) {
    case 'hashThreshold':
      return links === 1 ? 0 : Math.floor(hash / (Math.floor(0xffff_ffff / links) + 1));
    case 'hrw':
      return links <= MOST_WEIGHED ? heaviestLink(links, hash) : iterated(hash, links, 0);
    case 'iterHash':
      return iterated(hash, links, arg);
    default:
      return hash % links;
  }
}

function heaviestLink(links: number, hash: number): number {
  let best = 0;
  for (let link = 1; link < links; link++) if (hashWords(hash, link) > hashWords(hash, best)) best = link;
  return best;
}

/** Of these members that with the highest weight (highest random weight). */
function heaviest(members: readonly number[], hash: number): number | undefined {
  let best: number | undefined;
  let most = -1;
  for (const member of members) {
    const weight = hashWords(member, hash);
    if (weight <= most) continue;
    most = weight;
    best = member;
  }
  return best;
}

/** Hashed with another number until the link is one that there is. */
function iterated(hash: number, links: number, arg: number): number {
  const modulo = arg < links || Math.floor(arg / 2) > links ? 2 ** Math.ceil(Math.log2(links)) : arg;
  for (let i = 0; ; i++) {
    const link = hashWords(hash, i) % modulo;
    if (link < links) return link;
  }
}

export function bundle(action: PortBundle): Step {
  return {
    of: action,
    needsHeaders: true,
    run: (translation) => outputTo(translation, memberOf(action, translation), 0xffff),
  };
}

export function bundleLoad(action: PortBundleLoad, fields: TlvTable): Step | undefined {
  const run = runOfBits(action.to, fields);
  if (run === undefined) return undefined;
  const put = writer(run);
  return {
    of: action,
    needsHeaders: true,
    run: (translation) => put(translation, [memberOf(action, translation) & 0xffff]),
  };
}

/** OFPP_NONE where none is up. */
function memberOf(
  { algorithm, fields, basis, members }: PortBundle | PortBundleLoad,
  { key, state }: { key: Uint32Array; state: SwitchState },
): number {
  const up = [...members.keys()].filter((i) => state.ports.get(portNumberOf(members[i]!))?.live === true);
  const best = algorithm === 'hrw' ? heaviest(up, hashPacket(key, fields, basis)) : up[0];
  return best === undefined ? RESERVED_PORTS.any : portNumberOf(members[best]!);
}
