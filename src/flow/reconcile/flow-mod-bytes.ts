/** OFPT_FLOW_MOD (OpenFlow 1.4, 7.3.4.1) of a flow that lies ready as bytes: what changes a hundred thousand at once. */

import { OPENFLOW_1_4 } from '../../../proto/openflow/message.ts';
import { NO_BUFFER } from '../../../proto/openflow/reserved-numbers.ts';
import type { Writer } from '../../../proto/wire/writer.ts';
import { PLACE, TERMS } from '../flow-bytes.ts';

const FLOW_MOD = 14;
const COMMANDS = { add: 0, deleteStrict: 4 } as const;
/** OFPP_ANY, and OFPG_ANY. */
const ANY = 0xffff_ffff;
const OXM = 1;
/** The header, and all before the match. */
const HEAD = 48;
const MATCH_HEAD = 4;

/** As `flowAdd` and `flowDelete` would have it. */
export function putFlowMod(
  writer: Writer,
  xid: number,
  command: keyof typeof COMMANDS,
  { identity, content }: { identity: string; content: string },
): void {
  const isAdd = command === 'add';
  const matchLength = MATCH_HEAD + identity.length - PLACE;
  const padded = (matchLength + 7) & -8;
  const length = HEAD + padded + (isAdd ? content.length - TERMS : 0);
  writer.room(length);
  const { buffer, view, position: at } = writer;
  view.setUint32(at, (OPENFLOW_1_4 << 24) | (FLOW_MOD << 16) | length);
  view.setUint32(at + 4, xid);
  // The content begins with the timeouts and flags, two bytes each; then comes the cookie.
  put(content, 6, 14, buffer, at + 8);
  buffer.fill(isAdd ? 0 : 0xff, at + 16, at + 24);
  buffer[at + 24] = identity.charCodeAt(0);
  buffer[at + 25] = COMMANDS[command];
  if (isAdd) put(content, 0, 4, buffer, at + 26);
  else view.setUint32(at + 26, 0);
  put(identity, 1, 3, buffer, at + 30);
  view.setUint32(at + 32, NO_BUFFER);
  view.setUint32(at + 36, ANY);
  view.setUint32(at + 40, ANY);
  view.setUint32(at + 44, 0);
  if (isAdd) put(content, 4, 6, buffer, at + 44);
  view.setUint16(at + HEAD, OXM);
  view.setUint16(at + HEAD + 2, matchLength);
  put(identity, PLACE, identity.length, buffer, at + HEAD + MATCH_HEAD);
  buffer.fill(0, at + HEAD + matchLength, at + HEAD + padded);
  if (isAdd) put(content, TERMS, content.length, buffer, at + HEAD + padded);
  writer.position = at + length;
}

function put(text: string, from: number, to: number, bytes: Uint8Array, at: number): void {
  for (let i = from; i < to; i++) bytes[at++] = text.charCodeAt(i);
}
