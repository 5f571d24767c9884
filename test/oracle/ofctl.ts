// Open vSwitch's own reading of OpenFlow 1.4: `ovs-ofctl ofp-print`, `ofp-parse` and `parse-flow`.
import { execFile, spawn } from 'node:child_process';

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

/** A request to echo whose transaction nobody else has: it ends a message's print. */
const BETWEEN = Buffer.from('05020008f10f100f', 'hex');
const PRINTED_BETWEEN = 'OFPT_ECHO_REQUEST (OF1.4) (xid=0xf10f100f): 0 bytes of payload\n';

/** The same as ofpPrint of each, in order, by one process for all: thousands take a second. `brief`: without packets' bytes. */
export function ofpParse(messages: readonly Uint8Array[], { brief = false } = {}): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn('ovs-ofctl', ['-O', 'OpenFlow14', ...(brief ? [] : ['-m']), 'ofp-parse', '-'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: 60_000,
    });
    let printed = '';
    child.stdout.setEncoding('latin1').on('data', (chunk: string) => {
      printed += chunk;
    });
    child.stdin.on('error', () => undefined);
    child.once('error', reject);
    child.once('close', (code) => {
      const texts = printed.split(PRINTED_BETWEEN).slice(0, -1);
      if (code === 0 && texts.length === messages.length) resolve(texts);
      else reject(new Error(`ovs-ofctl ofp-parse: ${texts.length} of ${messages.length} messages, exit ${code}`));
    });
    child.stdin.end(Buffer.concat(messages.flatMap((bytes) => [bytes, BETWEEN])));
  });
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
