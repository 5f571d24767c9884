/** What rules with `log` tell: zones, verdict, addresses and the rule, in the log and at /api/v1/events; and no more than they may. */
import { readFileSync } from 'node:fs';
import type { EventStatus } from '../../../src/api/snapshot.ts';
import { buildPacket } from '../../../src/packet/build.ts';
import { check, expect } from '../support/check.ts';
import { packetsOf, untilStill } from '../support/every-lab.ts';
import { ask, type Flowloom } from '../support/flowloom.ts';
import { macOf } from '../support/guest.ts';
import { inside, type Lab } from '../support/lab.ts';
import { openRawStation } from '../support/raw-station.ts';
import { expectNoCurl, expectNoPings, expectPings } from '../support/traffic.ts';
import { until } from '../support/wait.ts';
import { FIREWALL, type Machines, PROVIDER, SERVER, WEB2 } from './machines.ts';

const MANY = 200;
const RATE = { each: 10, burst: 20 };

async function logged(flowloom: Flowloom, wanted: EventStatus['fields']): Promise<EventStatus[]> {
  const events = (await ask(flowloom, '/api/v1/events')) as EventStatus[];
  return events.filter(({ fields }) => Object.entries(wanted).every(([key, value]) => fields[key] === value));
}

export async function checkLogs(lab: Lab, flowloom: Flowloom, machines: Machines): Promise<void> {
  const { pc, net } = machines;
  await check(lab, 'what net to all drops is logged: zones, verdict, addresses, ports and the rule', async () => {
    await expectNoCurl(net, `http://${FIREWALL.net}:8081/`);
    const wanted = { from: 'net', to: 'fw', verdict: 'drop', src: PROVIDER, dst: FIREWALL.net, dstPort: 8081 };
    const [event] = await until('the event is there', async () => {
      const found = await logged(flowloom, { ...wanted, protocol: 'tcp' });
      return found.length > 0 && found;
    });
    const { rule, source } = event!.fields;
    const right = String(rule).startsWith('net to all drop') && /flowloom\.yaml:\d+$/.test(String(source));
    expect(right && event!.level === 'info', JSON.stringify(event));
    await until('it is in the log', () => /drop from net to fw.*203\.0\.113\.66:8081/.test(logOf(flowloom)));
  });
  await check(lab, 'what is rejected is logged with its prefix, level and translated addresses', async () => {
    await expectNoCurl(pc, `http://${SERVER}:25/`, [7]);
    const wanted = { from: 'loc', to: 'net', verdict: 'reject', prefix: 'no mail', dst: SERVER, dstPort: 25 };
    const [event] = await until('the event is there', async () => {
      const found = await logged(flowloom, wanted);
      return found.length > 0 && found;
    });
    expect(event!.level === 'notice' && event!.fields.src === '10.66.66.10', JSON.stringify(event));
    await until('it is in the log', () => /no mail: reject from loc to net/.test(logOf(flowloom)));
  });
  await check(lab, 'a rule without `log` logs nothing', async () => {
    await expectNoPings(net, FIREWALL.net);
    await expectNoCurl(net, `http://${FIREWALL.net}:8082/`);
    await until('what came later is logged', async () => (await logged(flowloom, { dstPort: 8082 })).length > 0);
    const pings = await logged(flowloom, { protocol: 'icmp', dst: FIREWALL.net });
    expect(pings.length === 0, JSON.stringify(pings));
  });
  await check(
    lab,
    `of ${MANY} packets at once all are counted, but no more are logged than the limit lets`,
    async () => {
      await expectPings(net, WEB2.outer, { count: 1 });
      const router = (await inside(net, ['ip', 'neigh', 'show', WEB2.outer])).match(/lladdr (\S+)/)?.[1] ?? '';
      const frame = buildPacket({
        ...{ eth: { src: await macOf(net), dst: router }, ipv4: { src: PROVIDER, dst: FIREWALL.net } },
        udp: { srcPort: 4000, dstPort: 9999 },
      });
      const rule = 'net to all drop log info';
      await untilStill(() => packetsOf(flowloom, rule));
      const before = await packetsOf(flowloom, rule);
      const raw = await openRawStation(lab, net, 'eth0');
      const begin = Date.now();
      for (let count = 0; count < MANY; count++) raw.send(frame);
      await until('all are counted', async () => {
        const rise = (await packetsOf(flowloom, rule)) - before;
        return rise === MANY || expect(false, `the rule rose by ${rise}`);
      });
      raw.close();
      const seconds = (Date.now() - begin) / 1000;
      const lines = (await logged(flowloom, { dstPort: 9999, protocol: 'udp' })).length;
      const most = RATE.burst + RATE.each * (Math.ceil(seconds) + 1);
      expect(lines > 0 && lines <= most && lines < MANY, `${lines} were logged in ${seconds} s`);
    },
  );
}

function logOf({ daemon }: Flowloom): string {
  return readFileSync(daemon.log, 'utf8');
}
