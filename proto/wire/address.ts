/** MAC, IPv4 and IPv6 addresses as people write them ⇄ bytes. IPv6 text as RFC 5952 has it. */

/** Each byte's two digits. */
export const HEX: readonly string[] = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** Character codes of a byte's two hex digits. */
const HIGH = Uint8Array.from(HEX, (text) => text.charCodeAt(0));
const LOW = Uint8Array.from(HEX, (text) => text.charCodeAt(1));
const COLON = 58;
const ZERO = 48;
const X = 120;

export function macText(bytes: Uint8Array, at = 0): string {
  const a = bytes[at]!;
  const b = bytes[at + 1]!;
  const c = bytes[at + 2]!;
  const d = bytes[at + 3]!;
  const e = bytes[at + 4]!;
  const f = bytes[at + 5]!;
  // biome-ignore format: six bytes, one a line
  return String.fromCharCode(
    HIGH[a]!, LOW[a]!, COLON,
    HIGH[b]!, LOW[b]!, COLON,
    HIGH[c]!, LOW[c]!, COLON,
    HIGH[d]!, LOW[d]!, COLON,
    HIGH[e]!, LOW[e]!, COLON,
    HIGH[f]!, LOW[f]!,
  );
}

const NO_DIGIT = 0xff;
/** A hex digit's value by its character's code. */
const DIGIT = new Uint8Array(128).fill(NO_DIGIT);
for (let value = 0; value < 16; value++) {
  DIGIT[value.toString(16).charCodeAt(0)] = value;
  DIGIT[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

/** The byte that the two hex digits from `at` on are; above 255 where they are none. */
function byteOf(text: string, at: number): number {
  const high = text.charCodeAt(at);
  const low = text.charCodeAt(at + 1);
  if (high >= 128 || low >= 128) return 0x100;
  const digit = DIGIT[low]!;
  return digit === NO_DIGIT ? 0x100 : (DIGIT[high]! << 4) | digit;
}

/** Writes a MAC at `at`; false, and some bytes may be written, where the text is none. */
export function putMac(bytes: Uint8Array, at: number, text: string): boolean {
  if (text.length !== 17) return false;
  for (let i = 0; i < 6; i++) {
    const byte = byteOf(text, 3 * i);
    if (byte > 0xff || (i > 0 && text.charCodeAt(3 * i - 1) !== COLON)) return false;
    bytes[at + i] = byte;
  }
  return true;
}

/** undefined where the text is no MAC. */
export function macBytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(6);
  return putMac(bytes, 0, text) ? bytes : undefined;
}

/** A dot where digits are counted from the character 0. */
const DOT = -2;
const DECIMAL: string[] = Array.from({ length: 256 }, (_, value) => `${value}`);
const DECIMAL_DOT: string[] = DECIMAL.map((text) => `${text}.`);

export function ipv4Text(value: number): string {
  return (
    DECIMAL_DOT[value >>> 24]! +
    DECIMAL_DOT[(value >>> 16) & 255]! +
    DECIMAL_DOT[(value >>> 8) & 255]! +
    DECIMAL[value & 255]!
  );
}

/** The address as an unsigned 32-bit number; undefined where the text is no dotted quad. */
export function ipv4Number(text: string): number | undefined {
  let value = 0;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit >= 0 && digit <= 9) {
      part = part * 10 + digit;
      if (++digits > 3 || part > 255) return undefined;
    } else if (digit === DOT && digits > 0) {
      value = (value << 8) | part;
      part = 0;
      digits = 0;
      dots++;
    } else return undefined;
  }
  return dots === 3 && digits > 0 ? ((value << 8) | part) >>> 0 : undefined;
}

export function ipv6Text(bytes: Uint8Array, at = 0): string {
  const groups: number[] = [];
  for (let i = 0; i < 8; i++) groups.push((bytes[at + 2 * i]! << 8) | bytes[at + 2 * i + 1]!);
  let best = { start: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > best.length) best = { start: i, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.start < 0) return hex.join(':');
  const left = best.start === 0 ? [''] : hex.slice(0, best.start);
  const end = best.start + best.length;
  // Joined at once: text put together piece by piece would keep its pieces.
  return [...left, '', ...(end === 8 ? [''] : hex.slice(end))].join(':');
}

/** undefined where the text is no IPv6 address. */
export function ipv6Bytes(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const left = groupsOf(halves[0]!, halves.length === 1);
  const right = halves.length === 2 ? groupsOf(halves[1]!, true) : [];
  if (left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const bytes = new Uint8Array(16);
  [...left, ...Array<number>(missing).fill(0), ...right].forEach((group, i) => {
    bytes[2 * i] = group >> 8;
    bytes[2 * i + 1] = group & 255;
  });
  return bytes;
}

/** `atEnd`: the last two groups may be a dotted quad. */
function groupsOf(text: string, atEnd: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (atEnd && part.includes('.') && i === parts.length - 1) {
      const last = ipv4Number(part);
      if (last === undefined) return undefined;
      groups.push(last >>> 16, last & 0xffff);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

export function hexText(bytes: Uint8Array): string {
  return hexTextAt(bytes, 0, bytes.length);
}

/** Of `length` bytes at `at`; text put together piece by piece would keep all its pieces. */
function hexTextAt(bytes: Uint8Array, at: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('hex');
}

/** The longest field of a match, its prefix and the byte that holds it. */
const scratch = Buffer.alloc(2 * 256 + 3);

/** `0x` and the digits of 1 to 256 bytes, in one piece; `odd`: without the first digit, whose place the x takes. */
export function prefixedHex(bytes: Uint8Array, at: number, length: number, odd = false): string {
  let end = odd ? 1 : 2;
  for (let i = at; i < at + length; i++) {
    scratch[end++] = HIGH[bytes[i]!]!;
    scratch[end++] = LOW[bytes[i]!]!;
  }
  scratch[0] = ZERO;
  scratch[1] = X;
  return scratch.toString('latin1', 0, end);
}

/** Bytes of hex digits without `0x`; undefined where it is not that. */
export function hexBytes(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const byte = byteOf(text, 2 * i);
    if (byte > 0xff) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}
