/** Roles of controllers (OpenFlow 1.4, 6.3.4 and 7.3.8): one master, whose elections only ever go forward. */

import { u32 } from '../../packet/bytes.ts';
import type { Refusal } from '../switch-state.ts';
import type { SwitchCore } from './core.ts';
import type { Link } from './link.ts';

const ROLES = ['noChange', 'equal', 'master', 'slave'] as const;
const NICIRA_ROLES = ['other', 'master', 'slave'] as const;
const NO_GENERATION = 0xffff_ffff_ffff_ffffn;
const failed = (code: string): Refusal => ({ errorType: 'roleRequestFailed', code });

export function roleRequest(core: SwitchCore, link: Link, bytes: Uint8Array): Refusal | undefined {
  const role = ROLES[u32(bytes, 8)];
  if (role === undefined) return failed('badRole');
  const generationId = (BigInt(u32(bytes, 16)) << 32n) | BigInt(u32(bytes, 20));
  if (role === 'master' || role === 'slave') {
    const before = core.generationId;
    if (before !== undefined && BigInt.asIntN(64, generationId - before) < 0n) return failed('stale');
    core.generationId = generationId;
  }
  if (role !== 'noChange') setRole(core, link, role);
  const reply = { role: link.role, generationId: core.generationId ?? NO_GENERATION };
  link.send({ type: 'roleReply', ...reply, xid: u32(bytes, 4) });
  return undefined;
}

/** NXT_ROLE_REQUEST, without an election. */
export function niciraRoleRequest(core: SwitchCore, link: Link, bytes: Uint8Array): Refusal | undefined {
  const wanted = NICIRA_ROLES[u32(bytes, 16)];
  if (wanted === undefined) return failed('badRole');
  setRole(core, link, wanted === 'other' ? 'equal' : wanted);
  link.send({ type: 'niciraRoleReply', role: wanted, xid: u32(bytes, 4) });
  return undefined;
}

/** A master that another takes the place of becomes a slave and hears of it, whatever it asked to hear. */
function setRole(core: SwitchCore, link: Link, role: Link['role']): void {
  if (role === 'master') {
    for (const other of core.links) {
      if (other === link || other.role !== 'master') continue;
      other.role = 'slave';
      const generationId = core.generationId ?? NO_GENERATION;
      other.send({ type: 'roleStatus', role: 'slave', reason: 'masterRequest', generationId, properties: [], xid: 0 });
    }
  }
  link.role = role;
}
