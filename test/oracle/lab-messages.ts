// The messages of the labs (test/golden/lab-messages.hex) as bytes.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const LAB_MESSAGES = fileURLToPath(new URL('../golden/lab-messages.hex', import.meta.url));

export function labMessages(): Uint8Array[] {
  const lines = readFileSync(LAB_MESSAGES, 'latin1').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => Uint8Array.from(Buffer.from(line, 'hex')));
}
