// Guests and their aliases behind one fixed public address; two with the same source port stay apart.
import { packetsAt, startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import { checkEveryLab } from '../support/every-lab.ts';
import { startFlowloom } from '../support/flowloom.ts';
import { addGuest } from '../support/guest.ts';
import { startHost } from '../support/host.ts';
import { inside, type Lab, type LabDefinition, type Namespace } from '../support/lab.ts';
import { checkSecondStart, recordOpenFlow } from '../support/restart.ts';
import { told } from '../support/shell.ts';
import {
  curl,
  expectCurl,
  expectNoCurl,
  expectNoPings,
  expectPings,
  startWeb,
  untilAnswered,
} from '../support/traffic.ts';

const PUBLIC = '203.0.113.10';
/** Beyond the provider's router, on the same machine here. */
const SERVER = '198.51.100.7';
const GATEWAY = '172.16.80.1';
/** Each guest's own address, and its aliases. */
const VM1 = ['172.16.80.11', '172.16.80.12', '172.16.95.200'];
const VM2 = ['172.16.81.21', '172.16.88.22'];

export const lab: LabDefinition = {
  title: "guests on the host's own network, which go out as one fixed address",
  async run(lab) {
    await startControl(lab);
    const hv1 = await startHost(lab, 'hv1', 'tcp');
    const addresses = (all: string[]) => all.map((address) => `${address}/20`);
    const vm1 = await addGuest(lab, hv1, 'vm1', { addresses: addresses(VM1), via: GATEWAY });
    const vm2 = await addGuest(lab, hv1, 'vm2', { addresses: addresses(VM2), via: GATEWAY });
    const provider = await addGuest(lab, hv1, 'provider', { addresses: ['203.0.113.1/24'], device: 'eth1' });
    await inside(provider, ['ip', 'address', 'add', `${SERVER}/32`, 'dev', 'lo']);
    for (const port of [25, 80]) await startWeb(lab, provider, port);
    await startWeb(lab, vm1, 80);
    const recording = await recordOpenFlow(lab);
    const flowloom = await startFlowloom(lab, ['hv1/br0']);

    for (const guest of [vm1, vm2]) await untilAnswered(guest, SERVER);
    await checkAddresses(lab, vm1, vm2, provider);
    await checkSamePort(lab, vm1, vm2);
    await checkOutside(lab, vm1, vm2, provider);
    const rule = '    - drop smtp from guests to internet';
    await checkEveryLab(lab, flowloom, {
      counted: [
        {
          rule: 'guests to all accept',
          what: '10 pings: 10 requests, 10 answers',
          async traffic() {
            await expectPings(vm1, SERVER, { count: 10 });
            return 20;
          },
        },
        {
          rule: 'drop smtp from guests to internet',
          what: 'the packets that vm2 sent',
          traffic: () => packetsAt(lab, vm2, 'tcp dst port 25', () => expectNoCurl(vm2, `http://${SERVER}:25/`)),
        },
      ],
      change: {
        what: 'without the rule against mail',
        text: (file) => file.replace(/^ {4}- drop smtp.*\n/m, '').replace('  rules:\n', '  rules: []\n'),
        does: () => expectCurl(vm2, `http://${SERVER}:25/`, /provider answers/),
        undone: () => expectNoCurl(vm2, `http://${SERVER}:25/`),
      },
      steady: [vm1, SERVER],
      allowed: [
        { packet: `from hv1/vm1 tcp to ${SERVER}:80`, rule: 'guests to all accept', says: /203\.0\.113\.10:\d+ → 198/ },
      ],
      refused: [
        { packet: `from hv1/vm2 tcp to ${SERVER}:25`, rule: rule.trim().slice(2) },
        { packet: `from hv1/eth1 tcp to ${VM1[0]}:80`, rule: 'internet to all drop' },
      ],
    });
    await checkSecondStart(lab, { flowloom, recording, bridges: [[hv1, 'br0']], from: vm1, to: SERVER });
  },
};

async function checkAddresses(lab: Lab, vm1: Namespace, vm2: Namespace, provider: Namespace): Promise<void> {
  for (const [guest, addresses] of [
    [vm1, VM1],
    [vm2, VM2],
  ] as const) {
    for (const address of addresses) {
      await check(lab, `${guest.name} as ${address} goes out as ${PUBLIC}, by ping and by curl`, async () => {
        const seen = await startCapture(lab, provider, 'eth0', 'ip');
        await expectPings(guest, SERVER, { flags: ['-I', address] });
        const outcome = await curl(guest, `http://${SERVER}/`, '--interface', address);
        expect(outcome.stdout === `provider answers ${PUBLIC}\n`, 'the server was asked by another', () =>
          told(outcome),
        );
        await untilSeen(seen, /203\.0\.113\.10 > 198\.51\.100\.7: ICMP echo request/);
        const sources = (await stopCapture(seen)).flatMap(
          (frame) => / (\d+\.\d+\.\d+\.\d+)(?:\.\d+)? > 198\./.exec(frame)?.[1] ?? [],
        );
        const others = sources.filter((source) => source !== PUBLIC);
        expect(sources.length > 3 && others.length === 0, 'the provider saw:', () => others.join('\n'));
      });
    }
  }
  await check(lab, 'guests reach each other with their own addresses', async () => {
    await expectCurl(vm2, `http://${VM1[2]}/`, /^vm1 answers 172\.16\.81\.21$/m);
  });
}

/** From the same port to the same server, at the same time. */
async function checkSamePort(lab: Lab, vm1: Namespace, vm2: Namespace): Promise<void> {
  await check(lab, 'two guests with source port 40000 to one server at once: each gets its own answer', async () => {
    const inner = await startCapture(lab, vm2, 'eth0', 'tcp dst port 80');
    const asked = [vm1, vm2].map((guest) =>
      curl(guest, `http://${SERVER}/together/2/${guest.name}`, '--local-port', '40000'),
    );
    const [one, two] = await Promise.all(asked);
    const ports = [one, two].map((outcome, index) => {
      const answer = new RegExp(`^vm${index + 1} from ${PUBLIC.replaceAll('.', '\\.')} port (\\d+)$`, 'm');
      const port = answer.exec(outcome?.stdout ?? '')?.[1];
      expect(port !== undefined, 'not the right answer', () => told(outcome!));
      return port;
    });
    expect(ports[0] !== ports[1], `the server saw both from port ${ports[0]}`);
    await untilSeen(inner, /172\.16\.81\.21\.40000 > 198\.51\.100\.7\.80: /);
    await stopCapture(inner);
  });
}

async function checkOutside(lab: Lab, vm1: Namespace, vm2: Namespace, provider: Namespace): Promise<void> {
  await inside(provider, ['ip', 'route', 'add', '172.16.80.0/20', 'via', '203.0.113.2']);
  await check(lab, 'from outside no guest is reached, neither by its own address nor by the public one', async () => {
    const seen = await startCapture(lab, vm1, 'eth0');
    await expectNoPings(provider, VM1[0]!);
    await expectNoCurl(provider, `http://${VM1[0]}/`);
    await expectNoPings(provider, PUBLIC);
    await expectNoCurl(provider, `http://${PUBLIC}/`);
    await expectPings(vm2, VM1[0]!);
    await untilSeen(seen, /172\.16\.80\.11 > 172\.16\.81\.21: ICMP echo reply/);
    const leaked = (await stopCapture(seen)).filter((frame) => frame.includes('203.0.113.'));
    expect(leaked.length === 0, 'packets from outside:', () => leaked.join('\n'));
  });
  await inside(provider, ['ip', 'route', 'delete', '172.16.80.0/20']);
}
