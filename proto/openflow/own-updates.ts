/**
 * Whether a message tells of a controller's own changes only (ofp_flow_update_abbrev, OpenFlow 1.4, 7.3.5.17), read where it
 * lies: there is one for each flow-mod, and most are of changes about which nobody needs to be told.
 */

const MULTIPART_REPLY = 19;
const FLOW_MONITOR = 16;
const HEAD = 16;
/** Its length and its type. */
const ABBREVIATED = 0x0008_0004;
const ABBREVIATED_LENGTH = 8;

/** True: the message is a flow monitor's, with one update at least, and each is of a change whose xid is `known`. */
export function tellsOnlyOf(known: (xid: number) => boolean, bytes: Uint8Array): boolean {
  if (bytes.length <= HEAD || bytes.length % ABBREVIATED_LENGTH !== 0) return false;
  if (bytes[1] !== MULTIPART_REPLY || bytes[8] !== 0 || bytes[9] !== FLOW_MONITOR) return false;
  for (let at = HEAD; at < bytes.length; at += ABBREVIATED_LENGTH) {
    if (i32(bytes, at) !== ABBREVIATED || !known(i32(bytes, at + 4) >>> 0)) return false;
  }
  return true;
}

function i32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
