/**
 * Which asynchronous messages a connection gets (OpenFlow 1.4, 7.3.10; NXT_SET_ASYNC_CONFIG), by its role and their
 * reason.
 */

import type { SetAsync } from '../../../proto/openflow/async-config.ts';
import {
  FLOW_REMOVED_REASONS,
  PACKET_IN_REASONS,
  PORT_REASONS,
  REQUESTFORWARD_REASONS,
  ROLE_REASONS,
  TABLE_REASONS,
} from '../../../proto/openflow/reasons.ts';
import { u16, u32 } from '../../packet/bytes.ts';
import type { Refusal } from '../switch-state.ts';
import { BAD_PROPERTY } from './check/refusals.ts';

const KINDS = {
  packetIn: PACKET_IN_REASONS,
  portStatus: PORT_REASONS,
  flowRemoved: FLOW_REMOVED_REASONS,
  roleStatus: ROLE_REASONS,
  tableStatus: TABLE_REASONS,
  requestForward: REQUESTFORWARD_REASONS,
} as const;

export type AsyncKind = keyof typeof KINDS;
/** In the order of the properties' numbers: of each kind the slave's mask, then the master's. */
const NAMES = Object.keys(KINDS) as readonly AsyncKind[];

/** Masks of reasons: of `NAMES[n]` as slave at 2n, as master or equal at 2n + 1. */
export type AsyncConfig = Uint32Array;

const bitsOf = (...reasons: readonly number[]) => reasons.reduce((bits, reason) => bits | (1 << reason), 0);
const { tableMiss, applyAction, actionSet, group, packetOut } = PACKET_IN_REASONS;
/** What Open vSwitch starts a connection of OpenFlow 1.4 with. */
const DEFAULTS: readonly number[] = [
  ...[0, bitsOf(tableMiss, applyAction, actionSet, group, packetOut)],
  ...[bitsOf(0, 1, 2), bitsOf(0, 1, 2)],
  ...[0, bitsOf(...Object.values(FLOW_REMOVED_REASONS))],
  ...[0, 0, 0, 0, 0, 0],
];
/** Table status and role status have reasons that start above 0, or that others may ask for. */
const ALLOWED: readonly number[] = NAMES.map((name) => bitsOf(...Object.values<number>(KINDS[name])));

export function defaultAsyncConfig(): AsyncConfig {
  return Uint32Array.from(DEFAULTS);
}

export function wants(config: AsyncConfig, kind: AsyncKind, reason: string, isSlave: boolean): boolean {
  const bit = (KINDS[kind] as Readonly<Record<string, number>>)[reason];
  const mask = config[2 * NAMES.indexOf(kind) + (isSlave ? 0 : 1)]!;
  return bit !== undefined && ((mask >>> bit) & 1) === 1;
}

/** As set-async's and get-async's properties have it. */
export function asyncProperties(config: AsyncConfig): SetAsync['properties'] {
  return NAMES.flatMap((name, i) =>
    [`${name}Slave`, `${name}Master`].map((type, isMaster) => ({
      type,
      mask: Object.entries<number>(KINDS[name])
        .filter(([, reason]) => ((config[2 * i + isMaster]! >>> reason) & 1) === 1)
        .map(([reason]) => reason),
    })),
  ) as SetAsync['properties'];
}

const FIRST_EXPERIMENTER = 0xfffe;

/** OFPT_SET_ASYNC as it came: the whole configuration, or why it is refused; what it leaves out stays. */
export function readAsyncConfig(bytes: Uint8Array, before: AsyncConfig): AsyncConfig | Refusal {
  const config = before.slice();
  for (let at = 8; at < bytes.length; ) {
    if (bytes.length - at < 4) return BAD_PROPERTY.badLen;
    const type = u16(bytes, at);
    const length = u16(bytes, at + 2);
    const end = at + ((length + 7) & ~7);
    if (length < 4 || end > bytes.length) return BAD_PROPERTY.badLen;
    if (type >= FIRST_EXPERIMENTER) return length < 12 ? BAD_PROPERTY.badLen : BAD_PROPERTY.badExpType;
    if (type >= 2 * NAMES.length) return { errorType: 'asyncConfigFailed', code: 'unsupported' };
    if (length !== 8) return BAD_PROPERTY.badLen;
    const mask = u32(bytes, at + 4);
    if ((mask & ~ALLOWED[type >> 1]!) !== 0) return { errorType: 'asyncConfigFailed', code: 'invalid' };
    config[type] = mask;
    at = end;
  }
  return config;
}

/** NXT_SET_ASYNC_CONFIG's body: three masks as master, each followed by that as slave. */
export function readNiciraAsyncConfig(bytes: Uint8Array, before: AsyncConfig): AsyncConfig {
  const config = before.slice();
  for (let i = 0; i < 3; i++) {
    config[2 * i + 1] = u32(bytes, 16 + 8 * i);
    config[2 * i] = u32(bytes, 20 + 8 * i);
  }
  return config;
}
