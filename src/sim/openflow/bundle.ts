/**
 * Bundles (OpenFlow 1.4, 7.3.9), as Open vSwitch has them: all or nothing, in order, whatever their flags say. Two
 * things of 3.1 are not imitated: that a loose command may miss a flow with a new mask that its own bundle has added,
 * as it happens to lie in memory; and that ovs-vswitchd comes to grief where the deletion of a group is taken back.
 */

import { u16, u32 } from '../../packet/bytes.ts';
import type { Refusal } from '../switch-state.ts';
import { checkHeader } from './check/header.ts';
import { NICIRA_REFUSALS } from './check/refusals.ts';
import type { SwitchCore } from './core.ts';
import { type Link, refuse } from './link.ts';
import { type Begun, begin, finish, isModification, type Prepared, prepare, revert } from './modifications.ts';

export interface Bundle {
  flags: number;
  closed: boolean;
  messages: { prepared: Prepared; add: Uint8Array }[];
  /** Milliseconds of the switch's clock: opened, or added to. */
  used: number;
  /** The message that opened it. */
  opened: Uint8Array;
}

/** One that nobody adds to is thrown away. */
export const IDLE_LIFETIME = 10_000;

const HEAD = 16;
const ATOMIC = 1;
const CONTROL = { openRequest: 0, closeRequest: 2, commitRequest: 4, discardRequest: 6 } as const;
const REPLIES = ['openRequest', 'openReply', 'closeRequest', 'closeReply', 'commitRequest', 'commitReply'] as const;
const failed = (code: string): Refusal => ({ errorType: 'bundleFailed', code });

/** Asked for each message of a bundle that is committed. */
type Refuse = (add: Uint8Array, when: 'commit') => Refusal | undefined;

export function bundleControl(core: SwitchCore, link: Link, bytes: Uint8Array, refuses?: Refuse): Refusal | undefined {
  const bundleId = u32(bytes, 8);
  const control = u16(bytes, 12);
  const flags = u16(bytes, 14);
  const { bundles } = link;
  const bundle = bundles.get(bundleId);
  let reply = control + 1;
  switch (control) {
    case CONTROL.openRequest:
      if (bundles.delete(bundleId)) return failed('badId');
      bundles.set(bundleId, { flags, closed: false, messages: [], used: core.now(), opened: bytes });
      break;
    case CONTROL.closeRequest: {
      if (bundle === undefined) return failed('badId');
      if (!bundle.closed && bundle.flags === flags) bundle.closed = true;
      else {
        bundles.delete(bundleId);
        return failed(bundle.closed ? 'bundleClosed' : 'badFlags');
      }
      break;
    }
    case CONTROL.commitRequest: {
      if (bundle === undefined) return failed('badId');
      bundles.delete(bundleId);
      if (bundle.flags !== flags) return failed('badFlags');
      if (!commit(core, link, bundle, refuses)) return failed('msgFailed');
      break;
    }
    case CONTROL.discardRequest:
      if (!bundles.delete(bundleId)) return failed('badId');
      break;
    default:
      if (control < 2 * 4) return failed('badType');
      // A control that there is not is answered with the number 0.
      reply = 0;
  }
  const named = REPLIES[reply] ?? 'discardReply';
  link.send({ type: 'bundleControl', bundleId, control: named, flags: [], properties: [], xid: u32(bytes, 4) });
  return undefined;
}

/** The first message that is refused is named, with the message that added it; all before it are taken back. */
function commit(core: SwitchCore, link: Link, { messages, flags }: Bundle, refuses: Refuse | undefined): boolean {
  const begun: Begun[] = [];
  for (const { prepared, add } of messages) {
    const isPortMod = prepared.type === 'portMod';
    const isFailed = isPortMod && (flags & ATOMIC) !== 0;
    const made = refuses?.(add, 'commit') ?? (isFailed ? failed('msgFailed') : begin(core, prepared, link));
    if ('errorType' in made) {
      refuse(link, add, made);
      for (let i = begun.length - 1; i >= 0; i--) revert(core, begun[i]!);
      return false;
    }
    begun.push(made);
  }
  for (const each of begun) finish(core, each, link);
  for (const each of core.links) each.monitors.flush();
  return true;
}

export function bundleAdd(core: SwitchCore, link: Link, bytes: Uint8Array): Refusal | undefined {
  const inner = innerMessage(bytes);
  if (!(inner instanceof Uint8Array)) return inner;
  const prepared = prepare(core, inner, u32(bytes, 4));
  if ('errorType' in prepared) return prepared;
  const bundleId = u32(bytes, 8);
  const flags = u16(bytes, 14);
  const { bundles } = link;
  let bundle = bundles.get(bundleId);
  if (bundle === undefined) {
    bundle = { flags, closed: false, messages: [], used: core.now(), opened: bytes };
    bundles.set(bundleId, bundle);
  } else if (bundle.closed || bundle.flags !== flags) {
    bundles.delete(bundleId);
    return failed(bundle.closed ? 'bundleClosed' : 'badFlags');
  }
  bundle.used = core.now();
  bundle.messages.push({ prepared, add: bytes });
  return undefined;
}

/** The message inside, as bytes of its own; the rest may be properties, of which there are none. */
function innerMessage(bytes: Uint8Array): Uint8Array | Refusal {
  if (bytes.length - HEAD < 8) return failed('msgBadLen');
  const length = u16(bytes, HEAD + 2);
  if (length < 8 || length > bytes.length - HEAD) return failed('msgBadLen');
  if (bytes[HEAD] !== bytes[0]) return NICIRA_REFUSALS.badBundleVersion;
  if (u32(bytes, HEAD + 4) !== u32(bytes, 4)) return failed('msgBadXid');
  const inner = bytes.slice(HEAD, HEAD + length);
  if (!isModification(inner[1]!)) return failed('msgUnsup');
  return checkHeader(inner) ?? inner;
}

/** Those that nobody added to for so long: their opener is told. */
export function expireBundles(link: Link, now: number): void {
  for (const [bundleId, { used, opened }] of link.bundles) {
    if (now - used < IDLE_LIFETIME) continue;
    link.bundles.delete(bundleId);
    refuse(link, opened, failed('timeout'));
  }
}

export function nextBundleExpiry(link: Link): number | undefined {
  let next: number | undefined;
  for (const { used } of link.bundles.values()) next = Math.min(next ?? used + IDLE_LIFETIME, used + IDLE_LIFETIME);
  return next;
}
