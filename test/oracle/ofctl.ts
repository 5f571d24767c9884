// Open vSwitch's own reading of OpenFlow 1.4: `ovs-ofctl ofp-print` and `parse-flow`, a few processes at a time.
import { execFile } from 'node:child_process';

const AT_ONCE = 4;

function ofctl(...words: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile('ovs-ofctl', ['-O', 'OpenFlow14', ...words], { timeout: 20_000, maxBuffer: 1 << 24 }, (error, out, err) =>
      resolve(error === null ? out : `${out}${err}ovs-ofctl failed: ${error.message}`),
    );
  });
}

/** What Open vSwitch makes of one message; `***decode error` where it refuses it. */
export function ofpPrint(bytes: Uint8Array): Promise<string> {
  return ofctl('ofp-print', Buffer.from(bytes).toString('hex'));
}

/** The flow-mod that Open vSwitch makes of a flow in its own text. */
export function parseFlow(text: string): Promise<string> {
  return ofctl('parse-flow', text);
}

/** The results in the order of the items. */
export async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]!);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
