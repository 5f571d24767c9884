/** CRC32c over an SCTP packet (RFC 9260, appendix A). */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

/** Of the packet at `l4` … `end`, its own checksum's place (8 … 11) taken as zeros, in the bytes' order as sent. */
export function sctpChecksum(frame: Uint8Array, l4: number, end: number): number {
  let crc = 0xffffffff;
  for (let at = l4; at < end; at++) {
    const own = at >= l4 + 8 && at < l4 + 12;
    crc = TABLE[(crc ^ (own ? 0 : frame[at]!)) & 0xff]! ^ (crc >>> 8);
  }
  crc = ~crc;
  return (((crc & 0xff) << 24) | ((crc & 0xff00) << 8) | ((crc >>> 8) & 0xff00) | (crc >>> 24)) >>> 0;
}
