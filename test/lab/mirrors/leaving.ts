// What the file no longer has goes from the database, with every row that was there for it alone; others' rows stay.
import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { check, expect } from '../support/check.ts';
import { type Flowloom, planInForce, reload, status } from '../support/flowloom.ts';
import { vsctl } from '../support/host.ts';
import type { Lab } from '../support/lab.ts';
import { expectPings, startPing, stopPing } from '../support/traffic.ts';
import { until } from '../support/wait.ts';
import type { Machines } from './lab.ts';

/** Tables of which the file had rows, and how many are not its own. */
const TABLES = {
  Mirror: 0,
  QoS: 1,
  Queue: 1,
  NetFlow: 0,
  sFlow: 0,
  IPFIX: 0,
  SSL: 0,
  Manager: 0,
  Controller: 1,
  Bridge: 3,
};

export async function checkLeaving(lab: Lab, { hv1, a1, a2, b1 }: Machines, flowloom: Flowloom): Promise<void> {
  const counts = async () => {
    const found = Object.keys(TABLES).map(async (table) => {
      const text = await vsctl(hv1, '--columns=_uuid', 'list', table);
      return `${table} ${text.match(/_uuid/g)?.length ?? 0}`;
    });
    return (await Promise.all(found)).join(', ');
  };
  const wanted = Object.entries(TABLES).map(([table, count]) => `${table} ${count}`);
  await check(lab, 'with their lines the rows go, of every table, and nobody else’s; no ping is lost', async () => {
    const full = await counts();
    const words = ['QoS', 'type=linux-htb', 'external_ids:who=admin', 'queues:0=@queue'];
    const queue = ['--', '--id=@queue', 'create', 'Queue', 'other_config:max-rate=50000000'];
    await vsctl(hv1, 'create', ...words, ...queue);
    const running = await startPing(lab, a2, '10.1.0.1', 0.05);
    reload(flowloom, plainer(readFileSync(flowloom.file, 'utf8')));
    await until(`${wanted.join(', ')} (from ${full})`, async () => {
      const found = await counts();
      if (found === wanted.join(', ')) return true;
      throw new Error(found);
    });
    expect(/who=admin/.test(await vsctl(hv1, 'list', 'QoS')), 'the QoS row that stays is not the administrator’s');
    const root = await vsctl(hv1, 'get', 'Open_vSwitch', '.', 'other_config', 'external_ids');
    expect(!/max-idle|flowloom/.test(root), 'left in Open_vSwitch:', () => root);
    await stopPing(running);
  });
  await check(
    lab,
    'what stays forwards as before, without limit or copies, and nothing more is to be changed',
    async () => {
      await expectPings(a1, '10.1.0.3');
      await expectPings(b1, '10.3.0.2');
      await until('nothing is to be changed', async () => {
        const { hosts, unknown } = await planInForce(flowloom);
        const changes = hosts.flatMap((host) => [...host.changes, ...host.refused]);
        if (changes.length + unknown.length > 0) throw new Error(JSON.stringify({ changes, unknown }));
        return true;
      });
      const [host] = (await status(flowloom)).hosts;
      expect(host?.error === null && host.drift.seen === 0, 'status:', () => JSON.stringify(host));
    },
  );
}

interface Plainer {
  hosts: Record<string, Record<string, unknown>>;
  bridges: Record<string, { ports: Record<string, Record<string, unknown> | null> } & Record<string, unknown>>;
}

/** The same bridges, ports and segments with no setting that has rows or columns of its own; `br2` goes altogether. */
function plainer(text: string): string {
  const file = parse(text) as Plainer;
  for (const host of Object.values(file.hosts)) for (const key of ['otherConfig', 'managers', 'ssl']) delete host[key];
  delete file.bridges.br2;
  for (const bridge of Object.values(file.bridges)) {
    for (const key of ['mirrors', 'columns', 'controllers', 'protocols', 'stp']) delete bridge[key];
    for (const port of Object.values(bridge.ports)) {
      for (const key of ['qos', 'policing', 'columns', 'interface', 'ofport']) if (port !== null) delete port[key];
    }
  }
  return stringify(file);
}
