/** MAC addresses of what there is only in tests: locally administered, the same in every run. */

/** `switchNumber` from 0 to 255. */
export function portMac(switchNumber: number, portNumber: number): string {
  return mac(0, switchNumber, portNumber);
}

export function guestMac(number: number): string {
  return mac(1, 0, number);
}

function mac(kind: number, upper: number, lower: number): string {
  const bytes = [kind, upper & 0xff, (lower >> 8) & 0xff, lower & 0xff];
  return `02:00:${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
}
