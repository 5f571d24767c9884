// A router on one host, stations on another: routed from VXLAN into VXLAN, translated, told, and not deceived.
import { startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import { checkEveryLab } from '../support/every-lab.ts';
import { startFlowloom } from '../support/flowloom.ts';
import { addGuest, macOf } from '../support/guest.ts';
import { type OpenVSwitch, startHost } from '../support/host.ts';
import { cable, inside, type Lab, type LabDefinition, type Namespace, tryInside } from '../support/lab.ts';
import { checkSecondStart, recordOpenFlow } from '../support/restart.ts';
import { told } from '../support/shell.ts';
import { expectCurl, expectNoCurl, expectNoPings, expectPings, startWeb, untilAnswered } from '../support/traffic.ts';
import { addUnderlay } from '../support/underlay.ts';

const OUTSIDE = '198.51.100.1';
const PUBLIC = '198.51.100.2';
const RED = { router: '10.10.0.1', six: '2001:db8:10::1' };
const BLUE = { router: '10.20.0.1', six: '2001:db8:20::1' };
/** As `status` tells it of the segments. */
const MTU = '1450';

export const lab: LabDefinition = {
  title: 'a router on one host, stations on another: VXLAN to VXLAN, NAT, ICMP errors, nobody poses as it',
  async run(lab) {
    await startControl(lab);
    const hv1 = await startHost(lab, 'hv1', 'tcp');
    const hv2 = await startHost(lab, 'hv2', 'tcp');
    await cable(hv1.namespace, 'eth1', hv2.namespace, 'eth1');
    const outside = await addGuest(lab, hv1, 'outside', { addresses: [`${OUTSIDE}/24`], device: 'eth2' });
    const blue1 = await addStation(lab, hv1, 'blue1', ['10.20.0.11/24', '2001:db8:20::11/64'], BLUE);
    const red2 = await addStation(lab, hv2, 'red2', ['10.10.0.12/24', '2001:db8:10::12/64'], RED);
    const blue2 = await addStation(lab, hv2, 'blue2', ['10.20.0.12/24', '2001:db8:20::12/64'], BLUE);
    const rogue = await addStation(lab, hv2, 'rogue', ['10.10.0.66/24', '2001:db8:10::66/64'], RED);
    await startWeb(lab, outside, 80);
    for (const guest of [blue1, blue2]) await startWeb(lab, guest, 80, '::');
    const recording = await recordOpenFlow(lab);
    const flowloom = await startFlowloom(lab, ['hv1/br0', 'hv2/br0']);
    await addUnderlay(hv1, 'br-phy1', '192.168.50.4');
    await addUnderlay(hv2, 'br-phy2', '192.168.50.5');
    await untilAnswered(red2, RED.router);

    await check(lab, 'between two segments of one host over the router of the other, by IPv4 and IPv6', async () => {
      const seen = await startCapture(lab, blue2, 'eth0', 'icmp');
      await expectPings(red2, '10.20.0.12');
      await untilSeen(seen, /ttl 63.*10\.10\.0\.12 > 10\.20\.0\.12: ICMP echo request/s);
      await stopCapture(seen);
      await expectPings(red2, '2001:db8:20::12');
      await expectCurl(red2, 'http://10.20.0.12/', /^blue2 answers \S*10\.10\.0\.12$/m);
      await expectCurl(red2, 'http://[2001:db8:20::12]/', /^blue2 answers 2001:db8:10::12$/m);
    });
    await check(lab, 'to a station of the host where the router lives, and back', async () => {
      await expectPings(red2, '10.20.0.11');
      await expectPings(blue1, '10.10.0.12');
      await expectPings(blue1, '2001:db8:10::12');
    });
    await check(lab, 'out through masquerading, and in by a forward', async () => {
      await expectCurl(red2, `http://${OUTSIDE}/`, /^outside answers 198\.51\.100\.2$/m);
      await expectCurl(outside, `http://${PUBLIC}:8080/`, /^blue2 answers \S*198\.51\.100\.1$/m);
    });
    await check(lab, 'what the router tells of packets finds their sender on the other host', async () => {
      await expectTold(red2, '10.20.0.12', ['-t', '1'], /From 10\.10\.0\.1 .*Time to live exceeded/);
      await expectTold(red2, '2001:db8:20::12', ['-t', '1'], /From 2001:db8:10::1 .*Time exceeded: Hop limit/);
      await expectTold(red2, '10.99.0.1', [], /From 10\.10\.0\.1 .*Destination Host Unreachable/);
      await expectTold(red2, '10.20.0.99', ['-w', '5'], /From 10\.10\.0\.1 .*Destination Host Unreachable/);
    });
    await check(lab, 'who claims the address of the router is heard by nobody on its host', async () => {
      const [, before] = /lladdr (\S+)/.exec(await inside(red2, ['ip', 'neigh', 'show', RED.router])) ?? [];
      const claimant = await macOf(rogue);
      expect(before !== undefined && before !== claimant, `red2 has the router at ${before}`);
      const heard = await startCapture(lab, red2, 'eth0', `ether src ${claimant}`);
      await inside(rogue, ['ip', 'address', 'add', `${RED.router}/32`, 'dev', 'eth0']);
      await inside(rogue, ['ip', '-6', 'address', 'add', `${RED.six}/128`, 'dev', 'eth0', 'nodad']);
      await expectNoPings(rogue, '10.10.0.12', { flags: ['-I', RED.router] });
      await expectNoPings(rogue, '2001:db8:10::12', { flags: ['-I', RED.six] });
      await inside(rogue, ['ip', 'address', 'del', `${RED.router}/32`, 'dev', 'eth0']);
      await inside(rogue, ['ip', '-6', 'address', 'del', `${RED.six}/128`, 'dev', 'eth0']);
      await untilAnswered(rogue, '10.10.0.12');
      const all = await untilSeen(heard, /10\.10\.0\.66 > 10\.10\.0\.12: ICMP echo request/);
      await stopCapture(heard);
      const claims = all.filter((frame) => /tell 10\.10\.0\.1,|2001:db8:10::1 >|tgt is 2001:db8:10::1,/.test(frame));
      expect(claims.length === 0, 'red2 has heard:', () => claims.join('\n'));
      await expectPings(red2, '10.20.0.12');
    });
    await checkEveryLab(lab, flowloom, {
      counted: [
        {
          rule: 'inside to all accept',
          what: '10 pings: 10 requests, 10 answers',
          traffic: async () => {
            await expectPings(red2, '10.20.0.11', { count: 10 });
            return 20;
          },
        },
      ],
      change: {
        what: 'without its rule the forward does not work',
        text: (file) => file.replace('    - accept http from net to inside:10.20.0.12\n', '').replace('  rules:\n', ''),
        does: () => expectNoCurl(outside, `http://${PUBLIC}:8080/`, [7]),
        undone: () => expectCurl(outside, `http://${PUBLIC}:8080/`, /^blue2 answers/m),
      },
      steady: [red2, '10.20.0.12'],
      allowed: [{ packet: 'from hv2/red2 tcp to 10.20.0.11:80', rule: 'inside to all accept' }],
      refused: [
        { packet: `from hv1/eth2 tcp to ${PUBLIC}:22`, rule: 'all to all reject' },
        { packet: 'from hv2/red2 udp to 10.99.0.1:9', rule: '10.99.0.0/16 unreachable', says: /ICMP host unreachable/ },
      ],
    });
    const bridges: [OpenVSwitch, string][] = [
      [hv1, 'br0'],
      [hv2, 'br0'],
    ];
    await checkSecondStart(lab, { flowloom, recording, bridges, from: red2, to: '10.20.0.12' });
  },
};

async function addStation(
  lab: Lab,
  host: OpenVSwitch,
  name: string,
  addresses: string[],
  { router, six }: { router: string; six: string },
): Promise<Namespace> {
  const station = await addGuest(lab, host, name);
  await inside(station, ['ip', 'link', 'set', 'eth0', 'mtu', MTU]);
  await inside(station, ['sysctl', '-q', '-w', 'net.ipv6.conf.all.disable_ipv6=0']);
  for (const address of addresses) {
    await inside(station, [
      'ip',
      'address',
      'add',
      address,
      'dev',
      'eth0',
      ...(address.includes(':') ? ['nodad'] : []),
    ]);
  }
  for (const via of [router, six]) await inside(station, ['ip', 'route', 'add', 'default', 'via', via]);
  return station;
}

async function expectTold(from: Namespace, to: string, flags: string[], pattern: RegExp): Promise<void> {
  const outcome = await tryInside(from, ['ping', '-n', '-c', '1', '-W', '2', ...flags, to]);
  expect(pattern.test(outcome.stdout), `ping of ${to} should be answered with ${pattern}:`, () => told(outcome));
}
