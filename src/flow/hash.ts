/** A number of 32 bits that follows from a text, the same on every run. */

import { createHash } from 'node:crypto';

export function hash32(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE();
}
