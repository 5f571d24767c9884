/** Address translation, as read from the file. */

import type { Source } from '../source.ts';

export type NatRule =
  | {
      kind: 'snat';
      source: Source;
      /** The rule in one line, as the user wrote it or as its object form reads. */
      text: string;
      router: string;
      /** The interface that it leaves by. */
      interface: string;
      /** Prefix of the inside addresses. */
      from: string;
      /** Public address (masquerade: the interface's primary address). */
      to: string;
      ports: [number, number];
    }
  | {
      kind: 'forward';
      source: Source;
      text: string;
      router: string;
      /** The interface that has the public address. */
      interface: string;
      protocol: 'tcp' | 'udp';
      address: string;
      port: number;
      toAddress: string;
      toPort: number;
    };
