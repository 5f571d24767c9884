/** The few values that random packets, matches and actions share, so that most flows really match something. */

export const MACS = [
  '02:00:00:00:00:01',
  '02:00:00:00:00:02',
  '02:00:00:00:00:03',
  'ff:ff:ff:ff:ff:ff',
  '01:00:5e:00:00:01',
  '33:33:00:00:00:01',
] as const;
export const IPV4 = ['10.0.0.1', '10.0.0.2', '10.0.1.3', '192.168.1.4', '224.0.0.1', '255.255.255.255'] as const;
export const IPV6 = ['2001:db8::1', '2001:db8::2', '2001:db8:1::3', 'fe80::1', 'ff02::1'] as const;
/** Those of them that a host may have. */
export const HOSTS4 = IPV4.slice(0, 4);
export const HOSTS6 = IPV6.slice(0, 3);
export const HOST_MACS = MACS.slice(0, 3);
export const PORT_NUMBERS = [80, 443, 1024, 53, 0, 0xffff] as const;
export const VIDS = [1, 10, 100, 4095, 0] as const;
export const LABELS = [16, 100, 0xfffff, 0, 3] as const;
export const TTLS = [64, 255, 2, 1, 0] as const;
export const TOS = [0, 0x10, 0xb8, 0xff, 3] as const;
export const NUMBERS = [0, 1, 2, 3, 4, 10, 0x12345678, 0xffffffff, 0xffff, 0x8000_0000] as const;
export const FLAGS = [2, 0x12, 0x10, 0x18, 0x11, 4, 0x14, 0x1ff, 0, 0x1c2] as const;
