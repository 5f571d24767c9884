// One bridge, two guests, table-miss `normal`; a rule is added and taken away by reloading the file.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { frames, startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import { ALLOWED, checkTrace, REFUSED } from '../support/every-lab.ts';
import {
  type Flowloom,
  flowloomCommand,
  flowStatus,
  labFile,
  reload,
  startFlowloom,
  status,
} from '../support/flowloom.ts';
import { type DumpedFlow, dumpFlows } from '../support/flows.ts';
import { addGuest, macOf } from '../support/guest.ts';
import { type OpenVSwitch, startHost, vsctl } from '../support/host.ts';
import type { Lab, LabDefinition, Namespace } from '../support/lab.ts';
import { checkSecondStart, recordOpenFlow } from '../support/restart.ts';
import { expectCurl, expectNoCurl, expectPings, ping, startPing, startWeb, stopPing } from '../support/traffic.ts';
import { until } from '../support/wait.ts';

const NO_WEB = `apps:
  static-flows:
    flows:
      - intent: no web
        priority: 1000
        match: { ethType: 0x0800, ipProto: 6, tcpDst: 80 }
        actions: [drop]
`;

export const lab: LabDefinition = {
  title: 'one bridge, two guests, a flow and its counter',
  async run(lab) {
    await startControl(lab);
    const hv1 = await startHost(lab, 'hv1', 'unix');
    const guest1 = await addGuest(lab, hv1, 'guest1', { addresses: ['10.1.0.1/24'] });
    const guest2 = await addGuest(lab, hv1, 'guest2', { addresses: ['10.1.0.2/24'] });
    await startWeb(lab, guest2, 80);
    await startWeb(lab, guest2, 8080);
    const recording = await recordOpenFlow(lab);
    const flowloom = await startFlowloom(lab, ['hv1/br0']);

    await checkIdentity(lab, hv1, flowloom);
    await checkCounter(lab, hv1, flowloom, guest1, guest2);
    await checkRule(lab, hv1, flowloom, guest1);
    await checkRefusedFile(lab, hv1, flowloom);
    await checkLatePort(lab, hv1, flowloom, guest1);
    await checkSecondStart(lab, { flowloom, recording, bridges: [[hv1, 'br0']], from: guest1, to: '10.1.0.2' });
  },
};

async function tableMiss(host: OpenVSwitch): Promise<DumpedFlow> {
  const flows = await dumpFlows(host, 'br0');
  const found = flows.find((flow) => flow.priority === 0 && flow.match === '' && flow.actions === 'NORMAL');
  expect(found !== undefined, 'there is no table-miss flow', () => flows.map((flow) => flow.text).join('\n'));
  return found;
}

async function checkIdentity(lab: Lab, hv1: OpenVSwitch, flowloom: Flowloom): Promise<void> {
  await check(lab, "the switch's dpid is the database's datapath_id", async () => {
    const database = (await vsctl(hv1, 'get', 'Bridge', 'br0', 'datapath_id')).replaceAll('"', '');
    const dpid = (await status(flowloom)).switches.find((one) => one.name === 'hv1/br0')?.dpid;
    expect(dpid === database, `over OpenFlow ${dpid}, in the database ${database}`);
  });
  await check(lab, 'the table-miss flow is there: priority 0, no match, NORMAL', async () => {
    const flow = await tableMiss(hv1);
    expect(flow.table === 240, `it is in table ${flow.table}, not in 240`);
  });
}

async function checkCounter(lab: Lab, hv1: OpenVSwitch, flowloom: Flowloom, from: Namespace, to: Namespace) {
  await check(lab, '10 pings raise its counter by 20 ICMP packets and the ARP packets', async () => {
    const mine = await startCapture(lab, from, 'eth0', `ether src ${await macOf(from)}`);
    const theirs = await startCapture(lab, to, 'eth0', `ether src ${await macOf(to)}`);
    const before = (await tableMiss(hv1)).packets;
    const { received } = await ping(from, '10.1.0.2', { count: 10 });
    expect(received === 10, `${received} of 10 pings were answered`);
    const sent = async () => [...(await frames(mine)), ...(await frames(theirs))];
    const all = await until('20 ICMP packets are captured', async () => {
      const seen = await sent();
      return seen.filter((frame) => /ICMP echo/.test(frame)).length === 20 && seen;
    });
    const arp = all.filter((frame) => /ARP/.test(frame)).length;
    expect(arp >= 2, `${arp} ARP packets were captured`, () => all.join('\n'));
    // The switch tells its counters about half a second late.
    await until('the counter has them', async () => {
      const rise = (await tableMiss(hv1)).packets - before;
      const count = (await sent()).length;
      return rise === count || expect(false, `the counter rose by ${rise}, the guests sent ${count} frames`);
    });
    await stopCapture(mine);
    await stopCapture(theirs);
  });
  await check(lab, "Flowloom's own view of that counter is the switch's", async () => {
    const dpid = (await status(flowloom)).switches[0]?.dpid ?? '';
    await until('they are equal', async () => {
      const flows = await flowStatus(flowloom, dpid);
      const shown = flows.find((flow) => flow.table === 240 && flow.priority === 0)?.packets;
      const dumped = (await tableMiss(hv1)).packets;
      return shown === dumped || expect(false, `Flowloom shows ${shown}, the switch has ${dumped}`);
    });
  });
}

async function noWebFlow(hv1: OpenVSwitch): Promise<DumpedFlow | undefined> {
  const flows = await dumpFlows(hv1, 'br0');
  return flows.find((flow) => flow.priority === 1000 && flow.match === 'tcp,tp_dst=80' && flow.actions === 'drop');
}

async function checkRule(lab: Lab, hv1: OpenVSwitch, flowloom: Flowloom, guest1: Namespace): Promise<void> {
  const pings = await startPing(lab, guest1, '10.1.0.2', 0.01);
  await check(lab, 'curl works', () => expectCurl(guest1, 'http://10.1.0.2/', /guest2 answers 10\.1\.0\.1/));
  await check(lab, '`plan` of a file with one more rule tells its flow and its line, and does nothing', async () => {
    const file = join(lab.folder, 'next.yaml');
    writeFileSync(file, labFile(lab).replace('apps:\n', NO_WEB));
    const before = await status(flowloom);
    const said = await flowloomCommand(flowloom, 'plan', file);
    const told = /next\.yaml:\d+ static-flows: no web\n +\+ .* 1000: tcp,tp_dst=80 → drop\n/.test(said);
    expect(told && / flows? added\b.*; nothing was done$/m.test(said), 'it said:', () => said);
    expect((await noWebFlow(hv1)) === undefined, 'the flow is there');
    const { sent } = await status(flowloom);
    expect(
      JSON.stringify(sent) === JSON.stringify(before.sent),
      `sent: ${JSON.stringify({ before: before.sent, sent })}`,
    );
  });
  reload(flowloom, labFile(lab).replace('apps:\n', NO_WEB));
  await check(
    lab,
    'a rule at priority 1000 drops TCP port 80: curl fails, and the counter is that of the packets',
    async () => {
      await until('the flow is there', () => noWebFlow(hv1));
      const seen = await startCapture(lab, guest1, 'eth0', 'tcp dst port 80');
      await expectNoCurl(guest1, 'http://10.1.0.2/');
      await until('the counter has them', async () => {
        const count = (await frames(seen)).length;
        const dropped = (await noWebFlow(hv1))?.packets;
        return (
          (count > 0 && dropped === count) || expect(false, `${count} packets were sent, the counter has ${dropped}`)
        );
      });
      await stopCapture(seen);
    },
  );
  const explained = { packet: 'from hv1/guest1 tcp to 10.1.0.2:80', rule: 'intent: no web' };
  await checkTrace(lab, flowloom, explained, REFUSED, labFile(lab).replace('apps:\n', NO_WEB));
  const allowed = {
    packet: 'from hv1/guest1 tcp to 10.1.0.2:8080',
    rule: 'table-miss: {',
    says: /delivered to .*:guest2/,
  };
  await checkTrace(lab, flowloom, allowed, ALLOWED, labFile(lab).replace('apps:\n', NO_WEB));
  await check(lab, 'port 8080 goes on working', () => expectCurl(guest1, 'http://10.1.0.2:8080/', /guest2 answers/));
  reload(flowloom, labFile(lab));
  await check(lab, 'the rule is taken out of the file: curl works again', async () => {
    await until('the flow is gone', async () => (await noWebFlow(hv1)) === undefined);
    await expectCurl(guest1, 'http://10.1.0.2/', /guest2 answers 10\.1\.0\.1/);
  });
  await check(lab, 'no ping was lost during both reloads (100 a second)', () => stopPing(pings));
}

async function checkRefusedFile(lab: Lab, hv1: OpenVSwitch, flowloom: Flowloom): Promise<void> {
  await check(lab, 'a file with VLAN 5000 is refused with its line; the old one stays in force', async () => {
    const flows = (await dumpFlows(hv1, 'br0')).length;
    const bad = labFile(lab).replace('\nbridges:', '\nsegments:\n  blue: { vlan: 5000 }\n\nbridges:');
    const line = bad.split('\n').findIndex((text) => text.includes('5000')) + 1;
    reload(flowloom, bad);
    const error = await until(
      'the refusal is in the status',
      async () => (await status(flowloom)).file?.error ?? undefined,
    );
    expect(
      error.includes(`flowloom.yaml:${line}`) && /5000|4094/.test(error),
      `the refusal does not say where: ${error}`,
    );
    expect((await dumpFlows(hv1, 'br0')).length === flows, 'flows were changed');
    reload(flowloom, labFile(lab));
    await until('the good file is back', async () => (await status(flowloom)).file?.error === null);
  });
}

async function checkLatePort(lab: Lab, hv1: OpenVSwitch, flowloom: Flowloom, guest1: Namespace): Promise<void> {
  await check(lab, 'a port whose device does not exist is waited for, and used when it appears', async () => {
    const waiting = async () => (await status(flowloom)).hosts[0]?.waiting ?? [];
    const found = await waiting();
    expect(
      found.some((line) => line.includes('guest3')),
      `waiting: ${JSON.stringify(found)}`,
    );
    const guest3 = await addGuest(lab, hv1, 'guest3', { addresses: ['10.1.0.3/24'] });
    await until('it is no longer waited for', async () => !(await waiting()).some((line) => line.includes('guest3')));
    const seen = await startCapture(lab, guest3, 'eth0', 'icmp');
    await until('guest1 reaches it', async () => (await ping(guest1, '10.1.0.3', { count: 1 })).received === 1);
    await untilSeen(seen, /10\.1\.0\.1 > 10\.1\.0\.3: ICMP echo request/);
    await expectPings(guest3, '10.1.0.2');
    await stopCapture(seen);
  });
}
