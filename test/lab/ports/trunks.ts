// Trunks with a native VLAN, native-tagged and native-untagged, by Flowloom's flows and by Open vSwitch; patch ports.
import { startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import type { Lab } from '../support/lab.ts';
import { expectNoPings, expectPings, ping } from '../support/traffic.ts';
import { type BOX_PORTS, boxAddress, type Machines } from './machines.ts';

type BoxPort = (typeof BOX_PORTS)[number];

export async function checkTrunks(lab: Lab, machines: Machines): Promise<void> {
  for (const [tagged, plain, by] of [
    ['tagged0', 'plain0', 'flows'],
    ['tagged1', 'plain1', 'normal'],
  ] as const) {
    await checkNativeTagged(lab, machines, tagged, by);
    await checkNativeUntagged(lab, machines, plain, by);
  }
  await checkPatch(lab, machines);
}

async function checkNativeTagged(lab: Lab, { box }: Machines, port: BoxPort, by: string): Promise<void> {
  const untagged = boxAddress(port, 'u');
  await check(
    lab,
    `native-tagged (${by}): what comes without a tag is in the native VLAN, its answer leaves tagged`,
    async () => {
      const wire = await startCapture(lab, box, port);
      // The answers come with a tag, and this device takes none.
      await expectNoPings(box, '10.9.0.1', { flags: ['-I', `u-${port}`] });
      const seen = await untilSeen(wire, /vlan 200, .*Reply 10\.9\.0\.1 is-at/);
      const asked = seen.filter((frame) => frame.includes(`who-has 10.9.0.1 tell ${untagged}`));
      expect(asked.length > 0 && asked.every((frame) => !/vlan/.test(frame)), 'asked:', () => asked.join('\n'));
      const bare = seen.filter((frame) => /Reply 10\.9\.0\.1 is-at/.test(frame) && !/vlan 200,/.test(frame));
      expect(bare.length === 0, 'without a tag:', () => bare.join('\n'));
      await stopCapture(wire);
    },
  );
  await check(
    lab,
    `native-tagged (${by}): with the native tag both ways all is well, and 300 gets nowhere`,
    async () => {
      await expectPings(box, '10.9.0.1', { flags: ['-I', `t-${port}`] });
      await expectNoPings(box, '10.9.0.1', { flags: ['-I', `x-${port}`] });
    },
  );
}

async function checkNativeUntagged(lab: Lab, { box }: Machines, port: BoxPort, by: string): Promise<void> {
  await check(lab, `native-untagged (${by}): the native VLAN has no tag, neither way; 300 gets nowhere`, async () => {
    const wire = await startCapture(lab, box, port);
    await expectPings(box, '10.9.0.1', { flags: ['-I', `u-${port}`] });
    const seen = await untilSeen(wire, new RegExp(`10\\.9\\.0\\.1 > ${boxAddress(port, 'u')}: ICMP echo reply`));
    const native = seen.filter((frame) => frame.includes(boxAddress(port, 'u')));
    const tagged = native.filter((frame) => /vlan/.test(frame));
    expect(native.length >= 6 && tagged.length === 0, 'with a tag:', () => tagged.join('\n'));
    await stopCapture(wire);
    await expectNoPings(box, '10.9.0.1', { flags: ['-I', `x-${port}`] });
  });
  await check(lab, `native-untagged (${by}): the other VLAN of the trunk keeps its tag`, async () => {
    const wire = await startCapture(lab, box, port);
    // A station of VLAN 100 asks for an address that nobody has: the question goes everywhere that the VLAN goes.
    const office = lab.namespaces.get('office1');
    if (office !== undefined) await ping(office, '10.1.77.77', { count: 1 });
    const seen = await untilSeen(wire, /vlan 100, .*who-has 10\.1\.77\.77 tell 10\.1\.0\.1/);
    const bare = seen.filter((frame) => /10\.1\.77\.77/.test(frame) && !/vlan 100,/.test(frame));
    expect(bare.length === 0, 'without a tag:', () => bare.join('\n'));
    await stopCapture(wire);
  });
}

async function checkPatch(lab: Lab, { office1, voice1, office3, voice3 }: Machines): Promise<void> {
  await check(
    lab,
    'patch ports join the bridge with flows and the one that forwards by itself, in both VLANs',
    async () => {
      await expectPings(office1, '10.1.0.3');
      await expectPings(voice3, '10.9.0.1');
    },
  );
  await check(lab, 'and keep the VLANs apart', async () => {
    const seen = await startCapture(lab, voice3, 'eth0');
    await ping(office1, '10.1.77.78', { count: 1 });
    await ping(office3, '10.1.77.79', { count: 1 });
    await expectPings(voice1, '10.9.0.3');
    const all = await untilSeen(seen, /10\.9\.0\.3 > 10\.9\.0\.1: ICMP echo reply/);
    const leaked = all.filter((frame) => /10\.1\./.test(frame));
    expect(leaked.length === 0, 'of VLAN 100:', () => leaked.join('\n'));
    await stopCapture(seen);
  });
}
