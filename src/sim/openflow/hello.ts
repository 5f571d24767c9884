/** What a controller's hello offers (OpenFlow 1.4, 6.3.1 and 7.5.1). */

import { decodeMessage } from '../../../proto/openflow/message.ts';

/** Wire versions: of its bitmap; of one without a bitmap, or that can't be read, every version up to its own. */
export function versionsIn(message: Uint8Array): readonly number[] {
  const upTo = Array.from({ length: message[0]! }, (_, n) => n + 1);
  try {
    const hello = decodeMessage(message);
    if (hello.type !== 'hello') return upTo;
    const elements = hello.elements as readonly { type: string; versions?: readonly number[] }[];
    return elements.find(({ type }) => type === 'versionBitmap')?.versions ?? upTo;
  } catch {
    return upTo;
  }
}
