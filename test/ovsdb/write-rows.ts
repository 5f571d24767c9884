/** A program that writes to a database while another is busy: `node write-rows.ts TARGET ports|touch COUNT [ROUNDS]`. */
import { connectOvsdb, namedUuid, type Operation, uuidIs } from '../../src/ovsdb/index.ts';

const [target = '', what = '', count = '0', rounds = '1'] = process.argv.slice(2);
const client = await connectOvsdb(target);

/** One bridge with so many ports, in one transaction. */
async function makePorts(): Promise<void> {
  const names = Array.from({ length: Number(count) }, (_, number) => `p${number}`);
  const operations = names.flatMap((name, number): Operation[] => [
    {
      op: 'insert',
      table: 'Interface',
      row: {
        name,
        ofport: number + 1,
        mac_in_use: 'fe:54:00:12:34:56',
        admin_state: 'up',
        link_state: 'up',
        mtu: 1500,
        ifindex: number + 10,
        external_ids: [
          'map',
          [
            ['iface-id', `vm-${number}`],
            ['attached-mac', '52:54:00:12:34:56'],
          ],
        ],
        statistics: [
          'map',
          ['rx_bytes', 'rx_packets', 'rx_errors', 'tx_bytes', 'tx_packets', 'tx_errors'].map((key) => [key, number]),
        ],
      },
      'uuid-name': `i${number}`,
    },
    {
      op: 'insert',
      table: 'Port',
      row: { name, tag: number % 4096, vlan_mode: 'access', interfaces: ['named-uuid', `i${number}`] },
      'uuid-name': name,
    },
  ]);
  const ports = names.map((name) => ['named-uuid', namedUuid(name).named]);
  await client.transact(
    'Open_vSwitch',
    [
      ...operations,
      { op: 'insert', table: 'Bridge', row: { name: 'br0', ports: ['set', ports] }, 'uuid-name': 'b' },
      { op: 'insert', table: 'Open_vSwitch', row: { bridges: ['named-uuid', 'b'] } },
    ],
    120_000,
  );
}

/** Every one of the first so many ports gets another tag, in as many transactions as there are rounds. */
async function touchPorts(): Promise<void> {
  const [all] = await client.transact('Open_vSwitch', [{ op: 'select', table: 'Port', where: [] }]);
  const ports = (all?.rows ?? []).slice(0, Number(count));
  const each = Math.ceil(ports.length / Number(rounds));
  for (let start = 0; start < ports.length; start += each) {
    const operations = ports.slice(start, start + each).map(
      (row): Operation => ({
        op: 'update',
        table: 'Port',
        where: uuidIs((row._uuid as string[])[1]!),
        row: { tag: (Number(row.tag) + 1) % 4096 },
      }),
    );
    await client.transact('Open_vSwitch', operations, 120_000);
  }
}

if (what === 'ports') await makePorts();
else await touchPorts();
client.close();
