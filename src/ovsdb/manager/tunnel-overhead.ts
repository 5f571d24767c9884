/** What a tunnel adds to a guest's IP packet: RFC 7348 (VXLAN), RFC 8926 (Geneve), RFC 2784 and 2890 (GRE), RFC 4303 (ESP). Pure. */
import type { Overlay } from '../../config/model.ts';
import { isIpsec } from '../../config/tunnel.ts';

export interface Overhead {
  bytes: number;
  /** `50 for VXLAN (IPv4 20, UDP 8, VXLAN 8, Ethernet 14)`. */
  words: string;
}

const names = { vxlan: 'VXLAN', geneve: 'Geneve', gre: 'GRE' } as const;
/**
 * Transport mode with AES-GCM, as Open vSwitch's IPsec sets it up: SPI and sequence 8, IV 8, padding up to 3 with its
 * trailer of 2, check value 16.
 */
const espBytes = 37;

export interface OverheadOptions {
  /** Of the underlay's addresses. */
  family: 4 | 6;
  /** Guests' frames have tags of their own inside (QinQ). */
  tagged: boolean;
}

export function tunnelOverhead(overlay: Overlay, { family, tagged }: OverheadOptions): Overhead {
  const { type, options, headroom } = overlay;
  const parts: [name: string, bytes: number][] = [[`IPv${family}`, family === 4 ? 20 : 40]];
  if (isIpsec(overlay)) parts.push(['ESP', espBytes]);
  if (type === 'gre') parts.push(['GRE', 4], ['key', 4]);
  else parts.push(['UDP', 8], [names[type], 8]);
  // Over UDP the checksum has its place already.
  if (type === 'gre' && options.csum === 'true') parts.push(['checksum', 4]);
  if (type === 'gre' && options.seq === 'true') parts.push(['sequence', 4]);
  parts.push(['Ethernet', 14]);
  if (tagged) parts.push(['tag', 4]);
  if (headroom > 0) parts.push(['headroom', headroom]);
  const bytes = parts.reduce((sum, [, each]) => sum + each, 0);
  const title = `${names[type]}${isIpsec(overlay) ? ' with IPsec' : ''}`;
  return { bytes, words: `${bytes} for ${title} (${parts.map(([name, each]) => `${name} ${each}`).join(', ')})` };
}
