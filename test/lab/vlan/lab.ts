// Two hosts joined by a trunk: access ports, a guest that is a trunk, the native VLAN, QinQ.
import { packetsAt, startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import { checkEveryLab, type EveryLab } from '../support/every-lab.ts';
import { startFlowloom } from '../support/flowloom.ts';
import { addGuest, addSwitchGuest, macOf } from '../support/guest.ts';
import { type OpenVSwitch, startHost, vsctl } from '../support/host.ts';
import { cable, type Lab, type LabDefinition, type Namespace } from '../support/lab.ts';
import { checkSecondStart, recordOpenFlow } from '../support/restart.ts';
import { expectNoPings, expectPings, ping, startPing, stopPing } from '../support/traffic.ts';
import { until } from '../support/wait.ts';

/** All web guests are in one subnet: what keeps them apart is the VLAN alone. */
interface Machines {
  hv1: Namespace;
  web1: Namespace;
  web2: Namespace;
  web3: Namespace;
  web4: Namespace;
  box: Namespace;
  rogue: Namespace;
  native1: Namespace;
  native2: Namespace;
  cust1: Namespace;
  cust2: Namespace;
}

export const lab: LabDefinition = {
  title: 'two hosts joined by a trunk; VLANs 100, 200, 300 native, 400 for a customer with tags of its own',
  async run(lab) {
    await startControl(lab);
    const hv1 = await startHost(lab, 'hv1', 'tcp');
    const hv2 = await startHost(lab, 'hv2', 'dials-in');
    await cable(hv1.namespace, 'trunk0', hv2.namespace, 'trunk0');
    const machines: Machines = {
      hv1: hv1.namespace,
      web1: await addGuest(lab, hv1, 'web1', { addresses: ['10.0.1.1/16'] }),
      web2: await addGuest(lab, hv1, 'web2', { addresses: ['10.0.2.2/16'] }),
      web3: await addGuest(lab, hv2, 'web3', { addresses: ['10.0.1.3/16'] }),
      web4: await addGuest(lab, hv2, 'web4', { addresses: ['10.0.2.4/16'] }),
      box: await addSwitchGuest(lab, hv1, 'box', [
        { name: 'v100', tag: 100, address: '10.0.1.51/24' },
        { name: 'v200', tag: 200, address: '10.0.2.52/24' },
        { name: 'v300', tag: 300, address: '10.0.5.53/24' },
      ]),
      rogue: await addSwitchGuest(lab, hv1, 'rogue', [
        { name: 'untagged', address: '10.0.1.66/24' },
        { name: 't100', tag: 100, address: '10.0.3.66/24' },
        { name: 't200', tag: 200, address: '10.0.4.66/24' },
      ]),
      native1: await addGuest(lab, hv1, 'native1', { addresses: ['10.0.5.1/16'] }),
      native2: await addGuest(lab, hv2, 'native2', { addresses: ['10.0.5.2/16'] }),
      cust1: await addSwitchGuest(lab, hv1, 'cust1', [
        { name: 'c0', address: '10.8.0.1/24' },
        { name: 'c7', tag: 7, address: '10.7.0.1/24' },
        { name: 'c100', tag: 100, address: '10.0.6.1/24' },
      ]),
      cust2: await addSwitchGuest(lab, hv2, 'cust2', [
        { name: 'c0', address: '10.8.0.2/24' },
        { name: 'c7', tag: 7, address: '10.7.0.2/24' },
        { name: 'c100', tag: 100, address: '10.0.6.2/24' },
      ]),
    };
    const recording = await recordOpenFlow(lab);
    const flowloom = await startFlowloom(lab, ['hv1/br0', 'hv2/br0']);

    await checkAccess(lab, machines);
    await checkTags(lab, machines);
    await checkTrunkGuest(lab, machines);
    await checkTaggedIntoAccess(lab, machines);
    await checkNative(lab, machines);
    await checkCustomer(lab, machines);
    await checkSelected(lab, machines, hv1, hv2);
    await checkEveryLab(lab, flowloom, everyLab(lab, machines, await macOf(machines.web1)));
    const bridges: [typeof hv1, string][] = [
      [hv1, 'br0'],
      [hv2, 'br0'],
    ];
    await checkSecondStart(lab, { flowloom, recording, bridges, from: machines.web1, to: '10.0.1.3' });
  },
};

async function checkAccess(lab: Lab, { web1, web2, web3, web4 }: Machines): Promise<void> {
  await check(lab, 'web1 reaches web3, both in VLAN 100', () => expectPings(web1, '10.0.1.3'));
  await check(lab, 'web3 reaches web1', () => expectPings(web3, '10.0.1.1'));
  await check(lab, 'web2 reaches web4, both in VLAN 200', () => expectPings(web2, '10.0.2.4'));
  await check(lab, 'web1 never reaches web4, and not one frame of it comes there', async () => {
    const seen = await startCapture(lab, web4, 'eth0');
    await expectNoPings(web1, '10.0.2.4');
    await expectPings(web2, '10.0.2.4');
    const all = await untilSeen(seen, /10\.0\.2\.2 > 10\.0\.2\.4: ICMP/);
    const foreign = all.filter((frame) => frame.includes('10.0.1.1'));
    expect(foreign.length === 0, 'frames of web1:', () => foreign.join('\n'));
    await stopCapture(seen);
  });
  await check(lab, 'web1 never reaches web2 on the same bridge', () => expectNoPings(web1, '10.0.2.2'));
}

async function checkTags(lab: Lab, { hv1, web1, web3 }: Machines): Promise<void> {
  await check(lab, 'the trunk carries tag 100, the access port none', async () => {
    const trunk = await startCapture(lab, hv1, 'trunk0');
    const access = await startCapture(lab, web3, 'eth0');
    await expectPings(web1, '10.0.1.3');
    const tagged = await untilSeen(trunk, /vlan 100, .*10\.0\.1\.3 > 10\.0\.1\.1: ICMP echo reply/);
    const plain = await untilSeen(access, /10\.0\.1\.3 > 10\.0\.1\.1: ICMP echo reply/);
    const withoutTag = tagged.filter((frame) => /10\.0\.1\.[13]\b/.test(frame) && !/vlan 100,/.test(frame));
    expect(withoutTag.length === 0, 'without the tag on the trunk:', () => withoutTag.join('\n'));
    const withTag = plain.filter((frame) => /vlan|802\.1Q/.test(frame));
    expect(withTag.length === 0, 'with a tag on the access port:', () => withTag.join('\n'));
    await stopCapture(trunk);
    await stopCapture(access);
  });
}

async function checkTrunkGuest(lab: Lab, { web1, web4, box, native2 }: Machines): Promise<void> {
  await check(lab, 'a guest that is a trunk reaches VLAN 100 on both hosts', async () => {
    await expectPings(box, '10.0.1.1', { flags: ['-I', 'v100'] });
    await expectPings(box, '10.0.1.3', { flags: ['-I', 'v100'] });
  });
  await check(lab, 'and VLAN 200 on both hosts', async () => {
    await expectPings(box, '10.0.2.2', { flags: ['-I', 'v200'] });
    await expectPings(box, '10.0.2.4', { flags: ['-I', 'v200'] });
  });
  await check(lab, 'its guests are reached from outside, in their own VLAN only', async () => {
    await expectPings(web1, '10.0.1.51');
    await expectPings(web4, '10.0.2.52');
    await expectNoPings(web1, '10.0.2.52');
  });
  await check(lab, 'a VLAN that its port does not list is refused', async () => {
    const seen = await startCapture(lab, native2, 'eth0');
    const mac = await macOf(box, 'v300');
    await expectNoPings(box, '10.0.5.2', { flags: ['-I', 'v300'] });
    await expectPings(native2, '10.0.5.1');
    const all = await untilSeen(seen, /10\.0\.5\.2 > 10\.0\.5\.1: ICMP echo request/);
    const leaked = all.filter((frame) => frame.includes(mac));
    expect(leaked.length === 0, 'frames of VLAN 300 came through:', () => leaked.join('\n'));
    await stopCapture(seen);
  });
}

async function checkTaggedIntoAccess(lab: Lab, { web1, web2, rogue }: Machines): Promise<void> {
  await check(lab, 'untagged frames into an access port are taken', () =>
    expectPings(rogue, '10.0.1.1', { flags: ['-I', 'untagged'] }),
  );
  for (const { device, target, victim } of [
    { device: 't100', target: '10.0.1.1', victim: web1 },
    { device: 't200', target: '10.0.2.2', victim: web2 },
  ]) {
    await check(lab, `frames with tag ${device.slice(1)} into an access port of VLAN 100 are refused`, async () => {
      const mac = await macOf(rogue, device);
      const cableEnd = await startCapture(lab, rogue, 'eth0');
      const seen = await startCapture(lab, victim, 'eth0');
      await expectNoPings(rogue, target, { flags: ['-I', device] });
      await untilSeen(cableEnd, new RegExp(`${mac} > .*vlan ${device.slice(1)},`));
      await expectPings(victim, victim === web1 ? '10.0.1.3' : '10.0.2.4');
      const all = await untilSeen(seen, /ICMP echo reply/);
      const leaked = all.filter((frame) => frame.includes(mac));
      expect(leaked.length === 0, `they reached ${victim.name}:`, () => leaked.join('\n'));
      await stopCapture(cableEnd);
      await stopCapture(seen);
    });
  }
}

async function checkNative(lab: Lab, { hv1, native1, web1 }: Machines): Promise<void> {
  await check(lab, 'the native VLAN goes over the trunk without a tag', async () => {
    const trunk = await startCapture(lab, hv1, 'trunk0');
    await expectPings(native1, '10.0.5.2');
    const all = await untilSeen(trunk, /10\.0\.5\.2 > 10\.0\.5\.1: ICMP echo reply/);
    const tagged = all.filter((frame) => /10\.0\.5\./.test(frame) && /vlan/.test(frame));
    expect(tagged.length === 0, 'with a tag:', () => tagged.join('\n'));
    await stopCapture(trunk);
  });
  await check(lab, 'and stays apart from VLAN 100', () => expectNoPings(web1, '10.0.5.2'));
}

async function checkCustomer(lab: Lab, { hv1, web1, web3, cust1 }: Machines): Promise<void> {
  await check(lab, "a customer's untagged frames are carried in VLAN 400", async () => {
    const trunk = await startCapture(lab, hv1, 'trunk0');
    await expectPings(cust1, '10.8.0.2', { flags: ['-I', 'c0'] });
    await untilSeen(trunk, /vlan 400, .*10\.8\.0\.2 > 10\.8\.0\.1: ICMP echo reply/);
    await stopCapture(trunk);
  });
  await check(lab, "the customer's own tag 7 is carried inside it (QinQ)", async () => {
    const trunk = await startCapture(lab, hv1, 'trunk0');
    await expectPings(cust1, '10.7.0.2', { flags: ['-I', 'c7'] });
    await untilSeen(trunk, /vlan 400, .*vlan 7, .*10\.7\.0\.2 > 10\.7\.0\.1: ICMP echo reply/);
    await stopCapture(trunk);
  });
  await check(lab, "the customer's tag 100 is not our VLAN 100", async () => {
    const mac = await macOf(cust1, 'c100');
    const seen = await startCapture(lab, web1, 'eth0');
    await expectPings(cust1, '10.0.6.2', { flags: ['-I', 'c100'] });
    await expectNoPings(cust1, '10.0.1.1', { flags: ['-I', 'c100'] });
    await expectPings(web3, '10.0.1.1');
    const all = await untilSeen(seen, /10\.0\.1\.3 > 10\.0\.1\.1: ICMP echo request/);
    const leaked = all.filter((frame) => frame.includes(mac));
    expect(leaked.length === 0, 'frames of the customer reached web1:', () => leaked.join('\n'));
    await stopCapture(seen);
  });
}

/** Ports that ovs-vsctl makes, as libvirt does: they come, and go, and those that are there notice nothing. */
async function checkSelected(lab: Lab, { web1, web4 }: Machines, hv1: OpenVSwitch, hv2: OpenVSwitch): Promise<void> {
  const vm7 = await addGuest(lab, hv1, 'vm7', { addresses: ['10.0.1.7/16'] });
  const db = await addGuest(lab, hv2, 'q17', { addresses: ['10.0.2.9/16', '10.0.2.10/16'] });
  const meanwhile = await startPing(lab, web1, '10.0.1.3', 0.05);
  await check(lab, "a port that another program creates is in its segment, by its name's pattern", async () => {
    await vsctl(hv1, 'add-port', 'br0', 'vm7');
    await untilReaches(vm7, '10.0.1.3');
    await expectPings(vm7, '10.0.1.1');
    await expectNoPings(vm7, '10.0.2.4');
  });
  await check(lab, 'and by its iface-id on the other host, from its own address only', async () => {
    await vsctl(hv2, 'add-port', 'br0', 'q17', '--', 'set', 'interface', 'q17', 'external_ids:iface-id=db-1');
    await untilReaches(db, '10.0.2.4');
    await expectPings(web4, '10.0.2.9');
    await expectNoPings(db, '10.0.2.4', { flags: ['-I', '10.0.2.10'] });
  });
  await check(
    lab,
    'taken off the bridge it reaches nobody, put back it does; its row has nothing of ours',
    async () => {
      await vsctl(hv1, 'del-port', 'vm7');
      await expectNoPings(vm7, '10.0.1.1');
      await vsctl(hv1, 'add-port', 'br0', 'vm7');
      await untilReaches(vm7, '10.0.1.1');
      const rows = await vsctl(hv1, 'get', 'port', 'vm7', 'tag', 'trunks', 'vlan_mode', 'external_ids', 'other_config');
      expect(rows.split('\n').join(' ') === '[] [] [] {} {}', 'the row:', () => rows);
    },
  );
  await check(lab, 'meanwhile web1 lost no ping to web3', () => stopPing(meanwhile));
}

function untilReaches(from: Namespace, address: string): Promise<true> {
  const reached = async () => (await ping(from, address, { count: 1 })).received === 1;
  return until(`${from.name} reaches ${address}`, async () => (await reached()) || undefined);
}

function everyLab(lab: Lab, { web1 }: Machines, mac: string): EveryLab {
  return {
    counted: [
      {
        rule: 'segment blue from port web1 (access)',
        what: 'the frames that web1 sends',
        traffic: () => packetsAt(lab, web1, `ether src ${mac}`, () => expectPings(web1, '10.0.1.3', { count: 5 })),
      },
    ],
    change: {
      what: 'web4 in VLAN 100',
      text: (file) => file.replace('hv2/web4: { access: green }', 'hv2/web4: { access: blue }'),
      does: () => expectPings(web1, '10.0.2.4', { count: 1 }),
      undone: () => expectNoPings(web1, '10.0.2.4', { count: 1 }),
    },
    steady: [web1, '10.0.1.3'],
    allowed: [{ packet: 'from hv1/web1 ping 10.0.1.3', rule: 'hv2/web3: {', says: /delivered to hv2\/br0:web3/ }],
    refused: [{ packet: 'from hv1/rogue ping 10.0.1.1 vlan 200', says: /tags and VNIs that belong to no segment/ }],
  };
}
