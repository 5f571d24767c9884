// One public address, seven ports of it for two machines, and no other; the machines reach each other by it as well.
import { packetsAt, startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import { checkEveryLab, type EveryLab } from '../support/every-lab.ts';
import { startFlowloom } from '../support/flowloom.ts';
import { addGuest } from '../support/guest.ts';
import { startHost } from '../support/host.ts';
import type { Lab, LabDefinition, Namespace } from '../support/lab.ts';
import { checkSecondStart, recordOpenFlow } from '../support/restart.ts';
import { expectCurl, expectNoCurl, scanPorts, startWeb, untilAnswered } from '../support/traffic.ts';

const PUBLIC = '203.0.113.66';
const CLIENT = '203.0.113.1';

/** Port of the public address, the guest behind it, its port there. */
const FORWARDS: [port: number, guest: 'vm1' | 'vm2', inner: number][] = [
  [80, 'vm1', 80],
  [443, 'vm1', 443],
  [25, 'vm2', 25],
  [110, 'vm2', 110],
  [143, 'vm2', 143],
  [8080, 'vm2', 80],
  [8443, 'vm2', 443],
];

export const lab: LabDefinition = {
  title: 'one public address, whose ports lead to two machines; hairpin',
  async run(lab) {
    await startControl(lab);
    const hv1 = await startHost(lab, 'hv1', 'tcp');
    const via = '192.168.10.1';
    const vm1 = await addGuest(lab, hv1, 'vm1', { addresses: ['192.168.10.11/24'], via });
    const vm2 = await addGuest(lab, hv1, 'vm2', { addresses: ['192.168.10.12/24'], via });
    const client = await addGuest(lab, hv1, 'client', { addresses: [`${CLIENT}/24`], device: 'eth1' });
    // Each has the other's services, too, and one that nobody may reach.
    const ports = [...new Set(FORWARDS.flatMap(([port, , inner]) => [port, inner])), 22];
    await Promise.all([vm1, vm2].flatMap((guest) => ports.map((port) => startWeb(lab, guest, port))));
    await startWeb(lab, client, 80);
    const recording = await recordOpenFlow(lab);
    const flowloom = await startFlowloom(lab, ['hv1/br0']);

    for (const guest of [vm1, vm2]) await untilAnswered(guest, CLIENT);
    await checkForwards(lab, vm1, vm2, client);
    await checkHairpin(lab, vm1, vm2, client);
    await checkEveryLab(lab, flowloom, everyLab(lab, vm1, vm2, client));
    await checkSecondStart(lab, { flowloom, recording, bridges: [[hv1, 'br0']], from: vm1, to: CLIENT });
  },
};

async function checkForwards(lab: Lab, vm1: Namespace, vm2: Namespace, client: Namespace): Promise<void> {
  for (const [port, name, inner] of FORWARDS) {
    const guest = name === 'vm1' ? vm1 : vm2;
    await check(lab, `${PUBLIC}:${port} reaches ${name}:${inner}`, async () => {
      const seen = await startCapture(lab, guest, 'eth0', 'tcp');
      await expectCurl(client, `http://${PUBLIC}:${port}/`, new RegExp(`^${name} answers 203\\.0\\.113\\.1$`, 'm'));
      await untilSeen(seen, new RegExp(`203\\.0\\.113\\.1\\.\\d+ > 192\\.168\\.10\\.\\d+\\.${inner}: `));
      await stopCapture(seen);
    });
  }
  await check(lab, 'no other port does: of 1 to 1100 and 8000 to 8500 exactly these seven answer', async () => {
    const answers = await scanPorts(client, PUBLIC, '1-1100', '8000-8500');
    const wanted = FORWARDS.map(([port]) => `${port} open`).sort();
    expect(String(answers.sort()) === String(wanted), 'these answer:', () => answers.join('\n'));
  });
  await check(lab, 'outbound: vm2 goes out as the public address', () =>
    expectCurl(vm2, `http://${CLIENT}/`, /^client answers 203\.0\.113\.66$/m),
  );
}

async function checkHairpin(lab: Lab, vm1: Namespace, vm2: Namespace, client: Namespace): Promise<void> {
  await check(lab, 'hairpin: vm2 reaches vm1 by the public address, which vm1 sees in its place', async () => {
    const seen = await startCapture(lab, vm1, 'eth0', 'tcp port 80');
    const outside = await startCapture(lab, client, 'eth0', 'tcp');
    await expectCurl(vm2, `http://${PUBLIC}/`, /^vm1 answers 203\.0\.113\.66$/m);
    await untilSeen(seen, /203\.0\.113\.66\.\d+ > 192\.168\.10\.11\.80: /);
    await stopCapture(seen);
    await expectCurl(vm2, `http://${CLIENT}/`, /client answers/);
    await untilSeen(outside, /203\.0\.113\.66\.\d+ > 203\.0\.113\.1\.80: /);
    const stray = (await stopCapture(outside)).filter((frame) => !frame.includes('203.0.113.1.80'));
    expect(stray.length === 0, 'of the hairpin the client saw:', () => stray.join('\n'));
  });
  await check(lab, 'hairpin to oneself: vm1 reaches its own web server by the public address', () =>
    expectCurl(vm1, `http://${PUBLIC}/`, /^vm1 answers 203\.0\.113\.66$/m),
  );
  await check(lab, 'and with another port: vm1 reaches vm2:80 by 8080, but nothing by 22', async () => {
    await expectCurl(vm1, `http://${PUBLIC}:8080/`, /^vm2 answers /m);
    const answers = await scanPorts(vm1, PUBLIC, '22');
    expect(!answers.includes('22 open'), 'port 22 is open');
  });
}

function everyLab(lab: Lab, vm1: Namespace, vm2: Namespace, client: Namespace): EveryLab {
  const smtp = 'accept smtp from internet to lan:192.168.10.12';
  const url = `http://${PUBLIC}:2500/`;
  return {
    counted: [
      {
        rule: smtp,
        what: 'the packets of a connection, as vm2 has them',
        traffic: () =>
          packetsAt(lab, vm2, 'tcp port 25', () => expectCurl(client, `http://${PUBLIC}:25/`, /vm2 answers/)),
      },
      {
        rule: 'internet to all drop',
        what: 'the packets to a port that leads nowhere',
        traffic: () => packetsAt(lab, client, 'tcp dst port 22', () => expectNoCurl(client, `http://${PUBLIC}:22/`)),
      },
    ],
    change: {
      what: 'a forward of port 2500 to the mail server',
      text: (file) =>
        file.replace(
          /^( *- forward tcp .*:)25 to (.*)\n/m,
          (line, before, guest) => `${line}${before}2500 to ${guest}\n`,
        ),
      does: () => expectCurl(client, url, /^vm2 answers/m),
      undone: () => expectNoCurl(client, url),
    },
    steady: [vm1, CLIENT],
    allowed: [
      { packet: `from hv1/eth1 tcp to ${PUBLIC}:25`, rule: smtp, says: /→ 192\.168\.10\.12:25 tcp syn/ },
      { packet: `from hv1/vm2 tcp to ${PUBLIC}:80`, rule: 'lan to all accept', says: /→ 192\.168\.10\.11:80 tcp syn/ },
    ],
    refused: [{ packet: `from hv1/eth1 tcp to ${PUBLIC}:22`, rule: 'internet to all drop' }],
  };
}
