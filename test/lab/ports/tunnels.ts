// Tunnels from point to point as ports of their own, watched by BFD; ports that Open vSwitch makes.
import { startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { type Flowloom, status } from '../support/flowloom.ts';
import { inside, type Lab } from '../support/lab.ts';
import { expectNoPings, expectPings, ping } from '../support/traffic.ts';
import { until } from '../support/wait.ts';
import type { Machines } from './machines.ts';

export async function checkTunnels(lab: Lab, machines: Machines, flowloom: Flowloom): Promise<void> {
  const { hv1, hv2, office1, voice1 } = machines;
  await check(
    lab,
    'a vxlan port is a trunk to the other host: VLAN 100 passes with its tag inside, 200 does not',
    async () => {
      const wire = await startCapture(lab, hv1.namespace, 'eth1', 'udp port 4789');
      await until('the tunnel carries', async () => (await ping(office1, '10.1.0.2', { count: 1 })).received === 1);
      await expectPings(office1, '10.1.0.2');
      const seen = await untilSeen(wire, /vni 77 .*10\.1\.0\.2 > 10\.1\.0\.1: ICMP echo reply/);
      const inner = seen.filter((frame) => /ICMP echo/.test(frame));
      expect(
        inner.every((frame) => /vlan 100,/.test(frame)),
        'without the tag:',
        () => inner.join('\n'),
      );
      await expectNoPings(voice1, '10.9.77.77');
      const voice = (await stopCapture(wire)).filter((frame) => /10\.9\.0\./.test(frame));
      expect(voice.length === 0, 'of VLAN 200:', () => voice.join('\n'));
    },
  );
  for (const [device, network, filter] of [
    ['i-gen', '10.21.0', 'udp port 6081'],
    ['i-gre', '10.22.0', 'proto 47'],
  ] as const) {
    const type = { 'i-gen': 'geneve', 'i-gre': 'gre' }[device];
    await check(lab, `a ${type} port joins two internal ports, and nobody else`, async () => {
      const wire = await startCapture(lab, hv1.namespace, 'eth1', filter);
      await expectPings(hv1.namespace, `${network}.2`, { flags: ['-I', device] });
      await untilSeen(wire, new RegExp(`${network.replaceAll('.', '.')}.2 > .*: ICMP echo reply`));
      await stopCapture(wire);
      const other = device === 'i-gen' ? 'i-gre' : 'i-gen';
      await expectNoPings(hv1.namespace, `${network}.2`, { flags: ['-I', other], count: 1 });
    });
  }
  await check(
    lab,
    'an internal port has the MAC address and the MTU of the file, one without a MAC another',
    async () => {
      const { stdout } = { stdout: await inside(hv1.namespace, ['ip', '-o', 'link', 'show', 'i-gen']) };
      expect(/ mtu 1400 .*02:00:00:00:06:01/.test(stdout), 'the device:', () => stdout);
      await expectPings(hv1.namespace, '10.21.0.2', { flags: ['-I', 'i-gen', '-M', 'do', '-s', '1372'] });
      await expectNoPings(hv1.namespace, '10.21.0.2', { flags: ['-I', 'i-gen', '-M', 'do', '-s', '1373'] });
      const told = (await status(flowloom)).hosts.find(({ name }) => name === 'hv1')?.interfaces ?? [];
      const found = told.find(({ name }) => name === 'i-gen');
      expect(found?.mac === '02:00:00:00:06:01' && found.mtu === 1400, 'status:', () => JSON.stringify(found));
      const plain = told.find(({ name }) => name === 'i-gre');
      expect(plain?.mac !== '02:00:00:00:06:01' && plain?.mtu === 1420, 'status:', () => JSON.stringify(plain));
    },
  );
  await check(lab, 'BFD says in `status` that the tunnel is up, down when its way is cut, and up again', async () => {
    await untilBfd(flowloom, 'up');
    await inside(hv2.namespace, ['ip', 'link', 'set', 'eth1', 'down']);
    await untilBfd(flowloom, 'down');
    await expectNoPings(office1, '10.1.0.2', { count: 1 });
    await inside(hv2.namespace, ['ip', 'link', 'set', 'eth1', 'up']);
    await untilBfd(flowloom, 'up');
    await expectPings(office1, '10.1.0.2');
  });
}

/** On both hosts; the tunnels without BFD tell none. */
async function untilBfd(flowloom: Flowloom, state: string): Promise<void> {
  await until(`BFD is ${state}`, async () => {
    const faces = (await status(flowloom)).hosts.flatMap(({ interfaces }) => interfaces);
    const tunnels = faces.filter(({ name }) => name === 'tunnel');
    if (faces.some(({ name, bfd }) => name !== 'tunnel' && bfd !== null)) throw new Error(JSON.stringify(faces));
    if (tunnels.length === 2 && tunnels.every(({ bfd }) => bfd === state)) return true;
    throw new Error(`it is ${tunnels.map(({ bfd }) => bfd).join(' and ')}`);
  });
}
