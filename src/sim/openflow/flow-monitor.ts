/**
 * Questions for flow monitors (OpenFlow 1.4, 7.3.5.17), as Open vSwitch 3.1 takes them: a refused one is answered with
 * an error of version 1 and transaction 0, in the numbers of OpenFlow 1.0; a command that there is not deletes nothing.
 */

import { decodeMessage, encodeMessage, type Message, type MessageOf } from '../../../proto/openflow/message.ts';
import { OPENFLOW_1_0 } from '../../../proto/openflow/older-error.ts';
import { u16, u32 } from '../../packet/bytes.ts';
import { maskedKeyOf } from '../key/masked-key.ts';
import type { Refusal } from '../switch-state.ts';
import { ALL_TABLES } from '../table/flow-tables.ts';
import { portNumberOf } from '../table/references.ts';
import { BAD_REQUEST } from './check/refusals.ts';
import type { SwitchCore } from './core.ts';
import { isNoPort, numberUnlessAny } from './flow-mod.ts';
import type { Link } from './link.ts';
import { type FlowUpdate, isAbout, type Monitor, updateOf } from './monitors.ts';
import { encodeParts } from './multipart-parts.ts';

const HEAD = 16;
const FIXED = 16;
const AT = { outPort: 4, flags: 12, command: 15 } as const;
const DELETE = 2;
/** Add, removed or modify must be among them, and none of those that Open vSwitch does not know. */
const EVENTS = 0x0e;
const KNOWN = 0x5f;
/** Errors that OpenFlow 1.0 has no numbers for. */
const UNENCODABLE = 0xb0c2;
const UNKNOWN = 0xffff;

/** In the numbers of OpenFlow 1.0; what lies behind them in Open vSwitch is not the request. */
const refused = (errorType: string | number, code: string | number) =>
  encodeMessage({
    ...{ type: 'error', errorType, code, data: new Uint8Array(4), xid: 0, version: OPENFLOW_1_0 },
  } as unknown as Message);

export function answerFlowMonitor(core: SwitchCore, link: Link, bytes: Uint8Array): Refusal | undefined {
  const wrong = checkRequests(core, bytes);
  if (wrong !== undefined) {
    link.write(wrong);
    return undefined;
  }
  let question: Extract<MessageOf<'multipartRequest'>, { kind: 'flowMonitor' }>;
  try {
    question = decodeMessage(bytes) as typeof question;
  } catch {
    return BAD_REQUEST.badLen;
  }
  const { all } = link.monitors;
  const initial: Monitor[] = [];
  const added: number[] = [];
  for (const request of question.request) {
    const { monitorId, flags } = request;
    const command = request.command as 'add' | 'modify' | 'delete' | number;
    if (typeof command === 'number') continue;
    const exists = all.has(monitorId);
    if (command === 'delete' && exists) {
      all.delete(monitorId);
      continue;
    }
    const masked = maskedKeyOf(request.match, core.fields);
    if (exists === (command === 'add') || 'unknown' in masked) {
      for (const each of added) all.delete(each);
      link.write(refused(UNKNOWN, 1));
      return undefined;
    }
    const monitor: Monitor = {
      monitorId,
      flags,
      tableId: request.tableId === 'all' ? ALL_TABLES : request.tableId,
      outPort: numberUnlessAny(portNumberOf(request.outPort)),
      outGroup: typeof request.outGroup === 'number' ? request.outGroup : undefined,
      masked,
    };
    all.set(monitorId, monitor);
    if (command === 'add') added.push(monitorId);
    if (flags.includes('initial')) initial.push(monitor);
  }
  for (const part of encodeParts('flowMonitor', initialUpdates(core, initial), question.xid)) link.write(part);
  return undefined;
}

/** Each flow once, whichever of the monitors mean it. */
function* initialUpdates(core: SwitchCore, monitors: readonly Monitor[]): Generator<FlowUpdate> {
  if (monitors.length === 0) return;
  for (const flow of core.tables.all()) {
    const meant = monitors.filter((monitor) => isAbout(monitor, { before: undefined, after: flow }));
    if (meant.length === 0) continue;
    const withInstructions = meant.some(({ flags }) => flags.includes('instructions'));
    yield updateOf({ type: 'initial' }, flow, withInstructions);
  }
}

function checkRequests({ matches }: SwitchCore, bytes: Uint8Array): Uint8Array | undefined {
  for (let at = HEAD; at < bytes.length; ) {
    if (bytes.length - at < FIXED + 8) return refused(UNENCODABLE, 0);
    if (isNoPort(u32(bytes, at + AT.outPort))) return refused('badAction', 'badOutPort');
    const flags = u16(bytes, at + AT.flags);
    const command = bytes[at + AT.command]!;
    if (command !== DELETE && ((flags & ~KNOWN) !== 0 || (flags & EVENTS) === 0)) return refused(UNENCODABLE, 0);
    if (matches.check(bytes, at + FIXED, bytes.length) !== undefined) return refused(UNENCODABLE, 0);
    at = matches.end;
  }
  return undefined;
}
