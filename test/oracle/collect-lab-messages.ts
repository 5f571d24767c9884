// Makes test/golden/lab-messages.hex anew: FLOWLOOM_LAB_PCAP_DIR=DIR npm run lab, then node test/oracle/collect-lab-messages.ts DIR.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CapturedMessage, readOpenFlow } from '../lab/support/openflow-capture.ts';
import { LAB_MESSAGES } from './lab-messages.ts';

const STATISTICS_REPLY = 19;
const BUNDLE_ADD = 34;

/** Messages with one key differ in nothing that a codec could trip over: in the transaction, or in counters. */
function key({ type, bytes }: CapturedMessage): string {
  if (type === STATISTICS_REPLY) return `${type} ${bytes.readUInt16BE(8)} ${bytes.length}`;
  const copy = Buffer.from(bytes);
  copy.fill(0, 4, 8);
  if (type === BUNDLE_ADD) copy.fill(0, 20, 24);
  return copy.toString('hex');
}

const directory = process.argv[2];
if (directory === undefined) throw new Error('usage: node test/oracle/collect-lab-messages.ts DIRECTORY-OF-CAPTURES');
const captures = readdirSync(directory).filter((name) => name.endsWith('.pcap'));
const kept = new Map<string, string>();
for (const name of captures.sort()) {
  for (const message of readOpenFlow(join(directory, name))) {
    if (!kept.has(key(message))) kept.set(key(message), message.bytes.toString('hex'));
  }
}
const text = `# Messages between Flowloom and ovs-vswitchd in the labs, one a line, in hex: see test/oracle/collect-lab-messages.ts.\n`;
writeFileSync(LAB_MESSAGES, `${text}${[...kept.values()].join('\n')}\n`);
process.stdout.write(`${kept.size} messages of ${captures.length} captures\n`);
