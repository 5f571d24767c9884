/** The IPv6 link-local address that a station makes from its MAC (RFC 4291 2.5.6 and appendix A). */

/** Of a MAC that is not known: all of them. */
export function linkLocalOf(mac: string | undefined): string {
  if (mac === undefined) return 'fe80::/10';
  const [a = 0, b, c, d, e, f] = mac.split(':').map((octet) => Number.parseInt(octet, 16));
  const groups = [(a ^ 2) * 256 + b!, c! * 256 + 0xff, 0xfe00 + d!, e! * 256 + f!];
  return `fe80::${groups.map((group) => group.toString(16)).join(':')}`;
}
