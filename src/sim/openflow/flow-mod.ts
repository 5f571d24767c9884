/**
 * OFPT_FLOW_MOD (OpenFlow 1.4, 7.3.4.1) and NXT_FLOW_MOD: checked as Open vSwitch does, and made ready for the tables.
 */

import type { FlowMod } from '../../../proto/openflow/flow-mod.ts';
import { decodeMessage } from '../../../proto/openflow/message.ts';
import { NO_BUFFER } from '../../../proto/openflow/reserved-numbers.ts';
import { u16, u32 } from '../../packet/bytes.ts';
import { maskedKeyOf } from '../key/masked-key.ts';
import { compileInstructions } from '../pipeline/compile.ts';
import { isRefusal } from '../pipeline/compile-refusal.ts';
import type { Refusal } from '../switch-state.ts';
import { ALL_TABLES, type PreparedFlowMod, TABLES } from '../table/flow-tables.ts';
import { portNumberOf } from '../table/references.ts';
import type { Selection } from '../table/selection.ts';
import { checkConsistency } from './check/consistency.ts';
import { checkInstructions } from './check/instructions.ts';
import { BAD_ACTION, BAD_MATCH, BAD_REQUEST, FLOW_MOD_FAILED } from './check/refusals.ts';
import { withUsualMatch } from './check/rewrite-match.ts';
import type { SwitchCore } from './core.ts';

const ANY = 0xffff_ffff;
const FIRST_RESERVED = 0xff00;
const FIRST_RESERVED_WIDE = 0xffff_ff00;
const DELETES = 3;
const LAST_COMMAND = 4;
const FLAGS = 0x1f;
/** Where fields lie in an ofp_flow_mod. */
const AT = { tableId: 24, command: 25, bufferId: 32, outPort: 36, flags: 44, match: 48 } as const;

/** `bytes`: the whole message. What it says is looked at in Open vSwitch's order, so that the same fault is named. */
export function prepareFlowMod(core: SwitchCore, bytes: Uint8Array): PreparedFlowMod | Refusal {
  const { matches } = core;
  const end = bytes.length;
  const badMatch = matches.check(bytes, AT.match, end);
  if (badMatch !== undefined) return badMatch;
  const tableId = bytes[AT.tableId]!;
  const command = bytes[AT.command]!;
  const deletes = command === DELETES || command === LAST_COMMAND;
  if (tableId === ALL_TABLES && !deletes) return FLOW_MOD_FAILED.badTableId;
  if (isNoPort(u32(bytes, AT.outPort))) return BAD_ACTION.badOutPort;
  if (command > LAST_COMMAND) return FLOW_MOD_FAILED.badCommand;
  const refused = checkInstructions(bytes, matches.end, end, core.actions);
  if (refused !== undefined) return refused;
  const { isHidden, view } = matches;
  const length = u16(bytes, AT.match + 2);
  const mod = decodeFlowMod(matches.isUnusual ? withUsualMatch(bytes, AT.match, matches.end, length) : bytes);
  if (mod === undefined) return BAD_REQUEST.badLen;
  const inconsistent = checkConsistency(mod.instructions, tableId, view);
  if (inconsistent !== undefined) return inconsistent;
  if ((u16(bytes, AT.flags) & ~FLAGS) !== 0) return FLOW_MOD_FAILED.badFlags;
  if (tableId === TABLES) return BAD_REQUEST.eperm;
  if (isHidden && command === 0) return BAD_REQUEST.eperm;
  if (!deletes && u32(bytes, AT.bufferId) !== NO_BUFFER) return BAD_REQUEST.bufferUnknown;
  return preparedOf(core, mod);
}

/** One that the switch itself makes (`learn`), or whose bytes have been looked at. */
export function preparedOf(core: SwitchCore, mod: FlowMod): PreparedFlowMod | Refusal {
  const tableId = mod.tableId === 'all' ? ALL_TABLES : mod.tableId;
  const masked = maskedKeyOf(mod.match, core.fields);
  if ('unknown' in masked) return BAD_MATCH.badField;
  const deletes = mod.command === 'delete' || mod.command === 'deleteStrict';
  const program = deletes ? undefined : compileInstructions(mod.instructions, tableId, core.fields);
  if (program !== undefined && isRefusal(program)) return program;
  const selection: Selection = {
    tableId,
    cookie: mod.cookie,
    cookieMask: mod.command === 'add' ? 0n : mod.cookieMask,
    outPort: deletes ? numberUnlessAny(portNumberOf(mod.outPort)) : undefined,
    outGroup: deletes && typeof mod.outGroup === 'number' ? mod.outGroup : undefined,
    masked,
  };
  const { command, priority, match, instructions, idleTimeout, hardTimeout, flags, importance } = mod;
  return {
    command,
    selection,
    priority,
    match,
    instructions: deletes ? NOTHING : instructions,
    program,
    idleTimeout,
    hardTimeout,
    flags,
    importance,
  };
}

const NOTHING: FlowMod['instructions'] = [];

/** A port that can be none: between the numbers and the reserved ones. */
export function isNoPort(port: number): boolean {
  return port >= FIRST_RESERVED && port < FIRST_RESERVED_WIDE;
}

export function numberUnlessAny(port: number): number | undefined {
  return port === ANY ? undefined : port;
}

function decodeFlowMod(bytes: Uint8Array): FlowMod | undefined {
  try {
    const message = decodeMessage(bytes);
    return message.type === 'flowMod' ? (message as FlowMod) : undefined;
  } catch {
    // Sound as far as Open vSwitch looks, and yet no message of ours.
    return undefined;
  }
}
