/**
 * OFPT_ERROR as Open vSwitch sends it (OpenFlow 1.4, 7.5.4): with the version and the transaction of what it refuses,
 * and all of it.
 */

import { encodeMessage, type Message, OPENFLOW_1_4 } from '../../../proto/openflow/message.ts';
import { putU16, putU32, u32 } from '../../packet/bytes.ts';
import type { Refusal } from '../switch-state.ts';

const HEAD = 12;
const MOST = 0xffff;
const NICIRA_HEAD = 20;
const EXPERIMENTER = 0xffff;
const ERROR = 1;

/** `request`: the message as it came. */
export function encodeRefusal(refusal: Refusal, request: Uint8Array): Uint8Array {
  if (refusal.errorType === 'experimenter') return experimenterError(refusal, request);
  const { errorType, code } = refusal;
  const data = request.length > MOST - HEAD ? request.subarray(0, MOST - HEAD) : request;
  const message = { type: 'error', errorType, code, data, xid: u32(request, 4) } as unknown as Message;
  const bytes = encodeMessage(message);
  bytes[0] = request[0]!;
  return bytes;
}

/** Its own type stands where another error's code does, its number behind (7.5.4.18). */
function experimenterError({ experimenter = 0, expType = 0 }: Refusal, request: Uint8Array): Uint8Array {
  const data = request.length > MOST - NICIRA_HEAD ? request.subarray(0, MOST - NICIRA_HEAD) : request;
  const bytes = new Uint8Array(HEAD + 4 + data.length);
  bytes[0] = request[0]!;
  bytes[1] = ERROR;
  putU16(bytes, 2, bytes.length);
  putU32(bytes, 4, u32(request, 4));
  putU16(bytes, 8, EXPERIMENTER);
  putU16(bytes, 10, expType);
  putU32(bytes, 12, experimenter);
  bytes.set(data, HEAD + 4);
  return bytes;
}

/** OFPHFC_INCOMPATIBLE with words for people. */
export function encodeHelloFailed(text: string, xid: number): Uint8Array {
  const data = new TextEncoder().encode(text);
  return encodeMessage({
    type: 'error',
    errorType: 'helloFailed',
    code: 'incompatible',
    data,
    xid,
    version: OPENFLOW_1_4,
  });
}
