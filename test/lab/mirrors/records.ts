// NetFlow, IPFIX and sFlow: what collectors get.
import { fileURLToPath } from 'node:url';
import { check, expect } from '../support/check.ts';
import { outputOf, startDaemon, untilSaid } from '../support/daemon.ts';
import type { Lab } from '../support/lab.ts';
import { expectPings } from '../support/traffic.ts';
import { until } from '../support/wait.ts';
import type { Machines } from './lab.ts';

export async function checkRecords(lab: Lab, { control, a1, b1 }: Machines): Promise<void> {
  const program = fileURLToPath(new URL('../support/udp-collector.ts', import.meta.url));
  const collector = async (port: number) => {
    const daemon = startDaemon(lab, `collector-${port}`, control, [process.execPath, program, String(port)]);
    await untilSaid(daemon, /listening/);
    return () =>
      outputOf(daemon)
        .split('\n')
        .filter((line) => /^[0-9a-f]+$/.test(line))
        .map((line) => Buffer.from(line, 'hex'));
  };
  const [netFlow, ipfix, sFlow] = [await collector(2055), await collector(4739), await collector(6343)];
  await expectPings(a1, '10.1.0.2');
  await expectPings(b1, '10.3.0.2');
  await check(lab, 'NetFlow tells a collector of the flows of its bridge, and of no other', async () => {
    const flows = await until('10.1.0.1 to 10.1.0.2', () => {
      const found = netFlow().flatMap(netFlowRecords);
      return found.includes('10.1.0.1 10.1.0.2 1') && found;
    });
    expect(flows.includes('10.1.0.2 10.1.0.1 1'), 'no answers', () => flows.join('\n'));
    const others = flows.filter((flow) => /10\.3\./.test(flow));
    expect(others.length === 0, 'of another bridge:', () => others.join('\n'));
  });
  await check(lab, 'IPFIX records of its bridge arrive, with its observation domain', async () => {
    const messages = await until('a message with 10.3.0.1', () => {
      const found = ipfix();
      return found.some((each) => each.includes(Buffer.from([10, 3, 0, 1]))) && found;
    });
    expect(
      messages.every((each) => each.readUInt16BE(0) === 10 && each.readUInt32BE(12) === 12),
      'no IPFIX of domain 12',
    );
    expect(!messages.some((each) => each.includes(Buffer.from([10, 1, 0, 1]))), 'of another bridge');
  });
  await check(lab, 'sFlow tells its collector the counters of its bridge', async () => {
    const datagrams = await until('a datagram', () => sFlow().length > 0 && sFlow());
    expect(
      datagrams.every((each) => each.readUInt32BE(0) === 5),
      'no sFlow version 5',
    );
  });
}

/** `SOURCE DESTINATION PROTOCOL` of each record (version 5: a header of 24 bytes, records of 48). */
function netFlowRecords(datagram: Buffer): string[] {
  expect(datagram.readUInt16BE(0) === 5 && datagram[21] === 7, `no NetFlow 5 of engine 7: ${datagram.toString('hex')}`);
  return Array.from({ length: datagram.readUInt16BE(2) }, (_, index) => {
    const record = datagram.subarray(24 + 48 * index, 72 + 48 * index);
    return `${[...record.subarray(0, 4)].join('.')} ${[...record.subarray(4, 8)].join('.')} ${record[38]}`;
  });
}
