// Shaping of what leaves by a port (linux-htb), and policing of what comes in.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, expect } from '../support/check.ts';
import { outputOf } from '../support/daemon.ts';
import { type Flowloom, reload } from '../support/flowloom.ts';
import { vsctl } from '../support/host.ts';
import { inside, type Lab, type Namespace } from '../support/lab.ts';
import { told } from '../support/shell.ts';
import { curl, expectPings, startWeb } from '../support/traffic.ts';
import { until } from '../support/wait.ts';
import type { Machines } from './lab.ts';

/** Ports do not have it from the beginning: on this datapath Flowloom warns of it. */
const POLICING = 'policing: { rate: 1000, burst: 100, packetRate: 5 }';

export async function checkShaping(lab: Lab, { a1, a2, a3, hv1 }: Machines): Promise<void> {
  await startWeb(lab, a3, 80);
  await check(
    lab,
    'a port with 2 Mbit/s for queue 0 gets 1.5 to 2.1; the one beside it is at least ten times as fast',
    async () => {
      const rate = await download(a1, 'http://10.1.0.3/bytes/600000');
      expect(rate > 1.5 && rate < 2.1, `${rate.toFixed(2)} Mbit/s`);
      const free = await download(a2, 'http://10.1.0.3/bytes/6000000');
      expect(free > 20, `${free.toFixed(2)} Mbit/s without a limit`);
    },
  );
  await check(lab, 'the kernel has the queues of the file: rate, ceiling, priority', async () => {
    const classes = await inside(hv1.namespace, ['tc', 'class', 'show', 'dev', 'a1']);
    const right = [/1:fffe root rate 8Mbit/i, /1:1 .*ceil 2Mbit/i, /1:8 .*prio 3 .*rate 100Kbit ceil 8Mbit/i];
    expect(
      right.every((each) => each.test(classes)),
      'tc says',
      () => classes,
    );
    const none = await inside(hv1.namespace, ['tc', 'class', 'show', 'dev', 'a2']);
    expect(none === '', 'tc says of the one beside it', () => none);
  });
}

/** Mbit/s. */
async function download(from: Namespace, url: string): Promise<number> {
  const outcome = await curl(from, url, '-o', '/dev/null', '-w', '%{speed_download}');
  expect(outcome.code === 0, 'the download failed', () => told(outcome));
  return (Number(outcome.stdout) * 8) / 1e6;
}

export async function checkPolicing(lab: Lab, { a1, a3, v1, v2, hv1 }: Machines, flowloom: Flowloom): Promise<void> {
  await startWeb(lab, v1, 80);
  await check(
    lab,
    'policing on the userspace datapath: the row is right, nothing is limited, and Flowloom has said so',
    async () => {
      const warnings = () => outputOf(flowloom.daemon).match(/WARN: port \S+: .*nothing is limited/g) ?? [];
      expect(warnings().length === 0, 'it warns without a cause');
      const before = readFileSync(flowloom.file, 'utf8');
      reload(flowloom, before.replace('hv1/v1: { access: voice }', `hv1/v1: { access: voice, ${POLICING} }`));
      const columns = ['ingress_policing_rate', 'ingress_policing_burst', 'ingress_policing_kpkts_rate'];
      const row = () => vsctl(hv1, 'get', 'interface', 'v1', ...columns);
      await until('the row is right', async () => (await row()) === '1000\n100\n5');
      const rate = await download(v2, 'http://10.2.0.1/bytes/6000000');
      expect(rate > 20, `it is limited to ${rate.toFixed(2)} Mbit/s, so the warning is wrong`);
      const [warning = '', more] = warnings();
      expect(warning.includes('port hv1/v1:') && more === undefined, 'its log:', () => warnings().join('\n'));
    },
  );
  await check(
    lab,
    'why: a filter of the kernel that takes everything away takes it after the datapath has it',
    async () => {
      const tc = (...words: string[]) => inside(hv1.namespace, ['tc', ...words]);
      const take = ['u32', 'match', 'u32', '0', '0', 'action', 'mirred', 'egress', 'redirect', 'dev', 'lo'];
      await tc('qdisc', 'add', 'dev', 'a3', 'ingress');
      await tc('filter', 'add', 'dev', 'a3', 'parent', 'ffff:', 'protocol', 'ip', 'prio', '1', ...take);
      await expectPings(a3, '10.1.0.1');
      await expectPings(a1, '10.1.0.3');
      const filter = await tc('-s', 'filter', 'show', 'dev', 'a3', 'parent', 'ffff:');
      const taken = Number(/Sent \d+ bytes (\d+) pkt/.exec(filter)?.[1] ?? 0);
      expect(taken >= 6, 'the filter has taken nothing:', () => filter);
      await tc('qdisc', 'del', 'dev', 'a3', 'ingress');
    },
  );
  await check(
    lab,
    'a kind of queue that the kernel lacks: the rows are right, and the log of Open vSwitch tells',
    async () => {
      const qos = await vsctl(hv1, 'get', 'port', 'v2', 'qos');
      const type = await vsctl(hv1, 'get', 'qos', qos, 'type', 'other_config');
      expect(type === 'linux-sfq\n{perturb="10"}', 'the row:', () => type);
      const qdisc = await inside(hv1.namespace, ['tc', 'qdisc', 'show', 'dev', 'v2']);
      const log = readFileSync(join(lab.folder, 'hv1-ovs-vswitchd.log'), 'utf8');
      const refused = /v2: Failed to install new qdisc/.test(log);
      expect(/qdisc sfq/.test(qdisc) !== refused, 'neither there nor told:', () => qdisc);
      expect(!/a1: Failed to install/.test(log), 'linux-htb was refused as well');
    },
  );
}
