// libvirt's default network: leases, names, masquerade, guests among themselves, nobody from outside; and it lasts.
import { fileURLToPath } from 'node:url';
import { packetsAt, startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import { startDaemon, untilSaid } from '../support/daemon.ts';
import { leaseByDhcp } from '../support/dhcp-client.ts';
import { checkEveryLab, type EveryLab } from '../support/every-lab.ts';
import { startFlowloom } from '../support/flowloom.ts';
import { addGuest } from '../support/guest.ts';
import { startHost } from '../support/host.ts';
import { giveAddresses } from '../support/host-stack.ts';
import { inside, type Lab, type LabDefinition, type Namespace, tryInside } from '../support/lab.ts';
import { checkSecondStart, recordOpenFlow } from '../support/restart.ts';
import { told } from '../support/shell.ts';
import { curl, expectCurl, expectNoCurl, expectPings, ping, startWeb } from '../support/traffic.ts';
import { checkLasting } from './lasting.ts';

const GATEWAY = '192.168.122.1';
const UPLINK = '203.0.113.5';
const OUTSIDE = '203.0.113.1';
/** Of nobody's network. */
const STRANGER = '10.9.9.9';

interface Machines {
  vm1: Namespace;
  vm2: Namespace;
  host: Namespace;
  outside: Namespace;
  /** What they were given. */
  address: { vm1: string; vm2: string };
}

export const lab: LabDefinition = {
  title: "libvirt's default network: leases, names, masquerade; after kill -9 and restarts it stands as before",
  async run(lab) {
    await startControl(lab);
    const hv1 = await startHost(lab, 'hv1', 'tcp');
    const vm1 = await addGuest(lab, hv1, 'vm1', { device: 'vnet0' });
    const vm2 = await addGuest(lab, hv1, 'vm2', { device: 'vnet1' });
    const outside = await addGuest(lab, hv1, 'outside', { addresses: [`${OUTSIDE}/24`], device: 'eth0' });
    const host = hv1.namespace;
    for (const machine of [vm1, vm2, host, outside]) await startWeb(lab, machine, 80);
    const recording = await recordOpenFlow(lab);
    const flowloom = await startFlowloom(lab, ['hv1/virbr0']);
    await giveAddresses(hv1, 'host0', [`${UPLINK}/24`, `${GATEWAY}/32`], OUTSIDE);
    const program = fileURLToPath(new URL('../support/dns-server.ts', import.meta.url));
    await untilSaid(
      startDaemon(lab, 'dns', host, [process.execPath, program, GATEWAY, '53', '192.0.2.53']),
      /listening/,
    );

    const address = { vm1: '', vm2: '' };
    const machines = { vm1, vm2, host, outside, address };
    await checkLeases(lab, machines);
    await checkOutbound(lab, machines);
    await checkInbound(lab, machines);
    await checkEveryLab(lab, flowloom, everyLab(lab, machines));
    const bridges: Parameters<typeof checkSecondStart>[1]['bridges'] = [[hv1, 'virbr0']];
    await checkSecondStart(lab, { flowloom, recording, bridges, from: vm1, to: OUTSIDE });
    await checkLasting(lab, flowloom, hv1, vm1, OUTSIDE);
  },
};

async function checkLeases(lab: Lab, { vm1, vm2, address }: Machines): Promise<void> {
  await check(lab, 'DHCP: each guest is given an address of the network, the gateway and the name server', async () => {
    for (const guest of [vm1, vm2]) {
      const { ip = '', router, dns } = await leaseByDhcp(lab, guest);
      expect(ip.startsWith('192.168.122.') && router === GATEWAY && dns === GATEWAY, `${ip}, ${router}, ${dns}`);
      address[guest === vm1 ? 'vm1' : 'vm2'] = ip;
    }
    expect(address.vm1 !== address.vm2, `both have ${address.vm1}`);
  });
  await check(lab, 'DNS: the gateway answers, and nothing else of the host does', async () => {
    const outcome = await tryInside(vm1, ['busybox', 'nslookup', 'web.example', GATEWAY]);
    expect(outcome.stdout.includes('192.0.2.53'), 'the name is not known', () => told(outcome));
    await expectNoCurl(vm1, `http://${GATEWAY}/`, [7]);
  });
  await check(lab, 'guests reach each other freely', async () => {
    await expectPings(vm1, address.vm2);
    await expectCurl(vm2, `http://${address.vm1}/`, /^vm1 answers/m);
  });
}

async function checkOutbound(lab: Lab, { vm1, vm2, outside, address }: Machines): Promise<void> {
  await check(lab, "guests reach outside as the host's address, with source ports from 1024 to 65535", async () => {
    const seen = await startCapture(lab, outside, 'eth0', 'ip');
    for (const guest of [vm1, vm2]) {
      await expectPings(guest, OUTSIDE);
      for (const port of ['40000', '500']) {
        const outcome = await curl(guest, `http://${OUTSIDE}/`, '--local-port', port);
        expect(outcome.stdout === `outside answers ${UPLINK}\n`, 'it should be answered', () => told(outcome));
      }
    }
    const all = await untilSeen(seen, /203\.0\.113\.5 > 203\.0\.113\.1: ICMP echo request/);
    await stopCapture(seen);
    const ports = all.flatMap(
      (frame) => /203\.0\.113\.5\.(\d+) > 203\.0\.113\.1\.80: Flags \[S\]/.exec(frame)?.[1] ?? [],
    );
    const low = ports.filter((port) => Number(port) < 1024);
    expect(ports.length === 4 && low.length === 0, `source ports: ${ports.join(', ')}`);
    const leaked = all.filter((frame) => frame.includes('192.168.122.'));
    expect(leaked.length === 0, 'private addresses outside:', () => leaked.join('\n'));
  });
  await check(lab, 'what comes from another address than the network’s is refused', async () => {
    await inside(vm1, ['ip', 'address', 'add', `${STRANGER}/32`, 'dev', 'eth0']);
    const seen = await startCapture(lab, outside, 'eth0', 'ip');
    const { received } = await ping(vm1, OUTSIDE, { count: 2, flags: ['-I', STRANGER] });
    await expectPings(vm1, OUTSIDE, { flags: ['-I', address.vm1] });
    const frames = await untilSeen(seen, /203\.0\.113\.5 > 203\.0\.113\.1: ICMP echo request.*seq 3/);
    await stopCapture(seen);
    await inside(vm1, ['ip', 'address', 'delete', `${STRANGER}/32`, 'dev', 'eth0']);
    const requests = frames.filter((frame) => frame.includes('ICMP echo request')).length;
    expect(received === 0 && requests === 3, `${received} answers, ${requests} requests came outside`);
  });
}

async function checkInbound(lab: Lab, { vm1, outside, address }: Machines): Promise<void> {
  await inside(outside, ['ip', 'route', 'add', '192.168.122.0/24', 'via', UPLINK]);
  await check(lab, 'outside to a guest is refused: UDP and ping with ICMP port unreachable, TCP at once', async () => {
    const atGuest = await startCapture(lab, vm1, 'eth0', `host ${OUTSIDE}`);
    const seen = await startCapture(lab, outside, 'eth0', 'icmp');
    const probe = fileURLToPath(new URL('../support/udp-probe.ts', import.meta.url));
    const outcome = await tryInside(outside, [process.execPath, probe, address.vm1, '4444', '40444']);
    expect(outcome.stdout.trim() === 'ECONNREFUSED', 'the socket was not told', () => told(outcome));
    await untilSeen(seen, /> 203\.0\.113\.1: ICMP 192\.168\.122\.\d+ udp port 4444 unreachable/);
    const pinged = await ping(outside, address.vm1, { count: 2 });
    expect(/Destination Port Unreachable/.test(pinged.outcome.stdout), 'ping was not told', () => told(pinged.outcome));
    await expectNoCurl(outside, `http://${address.vm1}/`, [7]);
    await stopCapture(seen);
    const arrived = await stopCapture(atGuest);
    expect(arrived.length === 0, 'the guest got:', () => arrived.join('\n'));
  });
  await inside(outside, ['ip', 'route', 'delete', '192.168.122.0/24']);
}

function everyLab(lab: Lab, { vm1, vm2, host, outside }: Machines): EveryLab {
  const out = 'accept all from guests:192.168.122.0/24 to outside';
  const refused = 'all to all reject';
  return {
    counted: [
      {
        rule: out,
        what: '10 pings: 10 requests, 10 answers',
        traffic: async () => {
          await expectPings(vm1, OUTSIDE, { count: 10 });
          return 20;
        },
      },
      {
        rule: 'accept ping from guests to fw',
        what: '5 pings of the gateway: 5 requests, 5 answers',
        traffic: async () => {
          await expectPings(vm2, GATEWAY, { count: 5 });
          return 10;
        },
      },
      {
        rule: refused,
        what: 'the packets that are refused',
        traffic: () =>
          packetsAt(lab, outside, 'tcp dst port 8080', () => expectNoCurl(outside, `http://${UPLINK}:8080/`, [7])),
      },
    ],
    change: {
      what: 'a rule for the web server of the host',
      text: (file) => file.replace(/^( *- )accept dns from guests to fw\n/m, '$&$1accept http from guests to fw\n'),
      does: () => expectCurl(vm2, `http://${GATEWAY}/`, /^hv1 answers/m),
      undone: () => expectNoCurl(vm2, `http://${GATEWAY}/`, [7]),
    },
    steady: [host, OUTSIDE],
    allowed: [{ packet: `from hv1/vnet0 tcp to ${OUTSIDE}:80`, rule: out, says: /203\.0\.113\.5:\d+ → / }],
    refused: [
      { packet: `from hv1/eth0 tcp to ${UPLINK}:22`, rule: refused, says: /rejected/ },
      { packet: `from hv1/vnet0 tcp ${STRANGER}:1000 to ${OUTSIDE}:80`, rule: refused, says: /rejected/ },
    ],
  };
}
