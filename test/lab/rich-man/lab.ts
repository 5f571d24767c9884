// Three public addresses: two are each a machine's, one to one; the third is the host's own.
import { fileURLToPath } from 'node:url';
import { packetsAt, startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import { checkEveryLab, type EveryLab } from '../support/every-lab.ts';
import { startFlowloom } from '../support/flowloom.ts';
import { addGuest } from '../support/guest.ts';
import { startHost } from '../support/host.ts';
import { giveAddresses } from '../support/host-stack.ts';
import { type Lab, type LabDefinition, type Namespace, tryInside } from '../support/lab.ts';
import { checkSecondStart, recordOpenFlow } from '../support/restart.ts';
import { told } from '../support/shell.ts';
import { expectCurl, expectNoCurl, expectPings, scanPorts, startWeb, untilAnswered } from '../support/traffic.ts';

const HOST = '203.0.113.201';
const CLIENT = '203.0.113.1';
const PUBLIC = { vm1: '203.0.113.211', vm2: '203.0.113.212' };
const PRIVATE = { vm1: '192.168.20.11', vm2: '192.168.20.12' };

interface Machines {
  vm1: Namespace;
  vm2: Namespace;
  host: Namespace;
  client: Namespace;
}

export const lab: LabDefinition = {
  title: "three public addresses: two machines' own, one to one, and the host's",
  async run(lab) {
    await startControl(lab);
    const hv1 = await startHost(lab, 'hv1', 'tcp');
    const via = '192.168.20.1';
    const vm1 = await addGuest(lab, hv1, 'vm1', { addresses: [`${PRIVATE.vm1}/24`], via });
    const vm2 = await addGuest(lab, hv1, 'vm2', { addresses: [`${PRIVATE.vm2}/24`], via });
    const client = await addGuest(lab, hv1, 'client', { addresses: [`${CLIENT}/24`], device: 'eth1' });
    const host = hv1.namespace;
    for (const machine of [vm1, vm2, host]) for (const port of [22, 80]) await startWeb(lab, machine, port);
    await startWeb(lab, client, 80);
    const recording = await recordOpenFlow(lab);
    const flowloom = await startFlowloom(lab, ['hv1/br0']);
    await giveAddresses(hv1, 'gw0', [`${HOST}/24`], CLIENT);
    const machines = { vm1, vm2, host, client };

    for (const guest of [vm1, vm2, host]) await untilAnswered(guest, CLIENT);
    for (const name of ['vm1', 'vm2'] as const) await checkOneToOne(lab, machines, name);
    await checkBetween(lab, machines);
    await checkHost(lab, machines);
    await checkEveryLab(lab, flowloom, everyLab(lab, machines));
    await checkSecondStart(lab, { flowloom, recording, bridges: [[hv1, 'br0']], from: vm1, to: CLIENT });
  },
};

async function checkOneToOne(lab: Lab, machines: Machines, name: 'vm1' | 'vm2'): Promise<void> {
  const { client } = machines;
  const guest = machines[name];
  const address = PUBLIC[name];
  const inner = PRIVATE[name].replaceAll('.', '\\.');
  await check(lab, `${address} is ${name}: TCP, UDP and ping arrive there with all their ports`, async () => {
    const seen = await startCapture(lab, guest, 'eth0', 'ip');
    await expectCurl(client, `http://${address}/`, new RegExp(`^${name} answers 203\\.0\\.113\\.1$`, 'm'));
    await expectPings(client, address);
    await untilSeen(seen, new RegExp(`203\\.0\\.113\\.1 > ${inner}: ICMP echo request`));
    const probe = fileURLToPath(new URL('../support/udp-probe.ts', import.meta.url));
    const outcome = await tryInside(client, [process.execPath, probe, address, '4444', '40444']);
    // From a closed port the guest's own ICMP error comes back, as the public address's.
    expect(outcome.stdout.trim() === 'ECONNREFUSED', 'the ICMP error of the guest did not come', () => told(outcome));
    await untilSeen(seen, new RegExp(`203\\.0\\.113\\.1\\.40444 > ${inner}\\.4444: UDP`));
    await stopCapture(seen);
  });
  await check(
    lab,
    `every port of ${address} answers: open where ${name} has a server, else refused by it`,
    async () => {
      const ranges = ['1-1000', '32700-32800', '65500-65535'];
      const answers = await scanPorts(client, address, ...ranges);
      const open = answers.filter((line) => line.endsWith('open')).sort();
      expect(answers.length === 1137 && String(open) === '22 open,80 open', `${answers.length} of 1137 answered`, () =>
        open.join('\n'),
      );
    },
  );
  await check(lab, `${name} goes out as ${address}, by TCP and ping`, async () => {
    const seen = await startCapture(lab, client, 'eth0', 'ip');
    await expectCurl(guest, `http://${CLIENT}/`, new RegExp(`^client answers ${address.replaceAll('.', '\\.')}$`, 'm'));
    await expectPings(guest, CLIENT);
    const all = await untilSeen(seen, new RegExp(`${address.replaceAll('.', '\\.')} > 203\\.0\\.113\\.1: ICMP echo`));
    await stopCapture(seen);
    const leaked = all.filter((frame) => frame.includes('192.168.20.'));
    expect(leaked.length === 0, 'private addresses outside:', () => leaked.join('\n'));
  });
}

async function checkBetween(lab: Lab, { vm1, vm2 }: Machines): Promise<void> {
  await check(lab, 'the machines reach each other by their public addresses, and are seen by them', async () => {
    await expectCurl(vm1, `http://${PUBLIC.vm2}/`, /^vm2 answers 203\.0\.113\.211$/m);
    await expectCurl(vm2, `http://${PUBLIC.vm1}/`, /^vm1 answers 203\.0\.113\.212$/m);
  });
}

async function checkHost(lab: Lab, { host, vm1, client }: Machines): Promise<void> {
  await check(lab, `${HOST} is the host's own: ssh and ping are accepted`, async () => {
    await expectCurl(client, `http://${HOST}:22/`, /^hv1 answers 203\.0\.113\.1$/m);
    await expectPings(client, HOST);
  });
  await check(lab, `${HOST}:80 is refused, though the host has a server there`, async () => {
    await expectCurl(vm1, `http://${HOST}/`, /^hv1 answers/m);
    const atHost = await startCapture(lab, host, 'gw0', 'tcp port 80');
    const seen = await startCapture(lab, client, 'eth0', 'tcp port 80');
    await expectNoCurl(client, `http://${HOST}/`, [7]);
    await untilSeen(seen, /203\.0\.113\.201\.80 > 203\.0\.113\.1\.\d+: Flags \[R/);
    await stopCapture(seen);
    const arrived = await stopCapture(atHost);
    expect(arrived.length === 0, 'it came to the host:', () => arrived.join('\n'));
  });
  await check(lab, 'the host goes out by its own address', () =>
    expectCurl(host, `http://${CLIENT}/`, /^client answers 203\.0\.113\.201$/m),
  );
}

function everyLab(lab: Lab, { vm1, client }: Machines): EveryLab {
  const url = `http://${PUBLIC.vm2}/`;
  const inward = 'internet to lan accept';
  return {
    counted: [
      {
        rule: inward,
        what: 'the packets of a download, as vm1 has them',
        traffic: () =>
          packetsAt(lab, vm1, 'tcp port 80', () => expectCurl(client, `http://${PUBLIC.vm1}/bytes/2000`, /^x{2000}$/)),
      },
      {
        rule: 'internet to fw reject',
        what: 'the packets that are refused',
        traffic: () => packetsAt(lab, client, 'tcp dst port 81', () => expectNoCurl(client, `http://${HOST}:81/`, [7])),
      },
    ],
    change: {
      what: 'vm2 without its public address',
      text: (file) => file.replace(/^ *- one-to-one 203\.0\.113\.212.*\n/m, ''),
      does: () => expectNoCurl(client, url, [7, 28]),
      undone: () => expectCurl(client, url, /^vm2 answers 203\.0\.113\.1$/m),
    },
    steady: [vm1, CLIENT],
    allowed: [
      { packet: `from hv1/eth1 tcp to ${PUBLIC.vm1}:5900`, rule: inward, says: /→ 192\.168\.20\.11:5900 tcp syn/ },
      {
        packet: `from hv1/vm2 udp ${PRIVATE.vm2}:5000 to ${CLIENT}:53`,
        rule: 'lan to all accept',
        says: /203\.0\.113\.212:5000 → 203/,
      },
    ],
    refused: [{ packet: `from hv1/eth1 tcp to ${HOST}:80`, rule: 'internet to fw reject' }],
  };
}
