/** CRC32c, which SCTP has for its checksum (RFC 9260 appendix A). */

/** Of each byte, the polynomial 0x1edc6f41 with its bits reversed. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0x82f6_3b78 : value >>> 1;
  return value;
});

/** As the four bytes on the wire, read big-endian: SCTP sends the sum's lowest byte first. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let sum = 0xffff_ffff;
  for (let at = start; at < end; at++) sum = (sum >>> 8) ^ TABLE[(sum ^ bytes[at]!) & 0xff]!;
  const crc = ~sum;
  return ((crc << 24) | ((crc & 0xff00) << 8) | ((crc >>> 8) & 0xff00) | (crc >>> 24)) >>> 0;
}
