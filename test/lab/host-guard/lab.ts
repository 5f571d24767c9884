// The host guards itself: few and small pings, no other ICMP, mail refused.
import { buildPacket } from '../../../src/packet/build.ts';
import { packetsAt, startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import { checkEveryLab, type EveryLab, packetsOf, untilStill } from '../support/every-lab.ts';
import { type Flowloom, startFlowloom } from '../support/flowloom.ts';
import { addGuest, macOf } from '../support/guest.ts';
import { type OpenVSwitch, ofctl, startHost } from '../support/host.ts';
import { giveAddresses } from '../support/host-stack.ts';
import type { Lab, LabDefinition, Namespace } from '../support/lab.ts';
import { openRawStation } from '../support/raw-station.ts';
import { checkSecondStart, recordOpenFlow } from '../support/restart.ts';
import { told } from '../support/shell.ts';
import { expectCurl, expectNoCurl, expectNoPings, expectPings, ping, startWeb } from '../support/traffic.ts';
import { until } from '../support/wait.ts';

const HOST = '203.0.113.10';
const OUTSIDE = '203.0.113.1';
/** An IP and an ICMP header are 28 bytes. */
const LARGEST = 84 - 28;
const LIMITED = 'accept ping from net to host limit 1 packet/s burst 1';
const LARGE = 'drop ping from net to host over 84 bytes';

interface Machines {
  hv1: OpenVSwitch;
  host: Namespace;
  outside: Namespace;
}

export const lab: LabDefinition = {
  title: 'the host guards itself: few and small pings, no other ICMP, no mail',
  // It measures rates.
  alone: true,
  async run(lab) {
    await startControl(lab);
    const hv1 = await startHost(lab, 'hv1', 'tcp');
    const host = hv1.namespace;
    const outside = await addGuest(lab, hv1, 'outside', { addresses: [`${OUTSIDE}/24`], device: 'eth1' });
    for (const port of [22, 25, 80]) await startWeb(lab, host, port);
    await startWeb(lab, outside, 80);
    const recording = await recordOpenFlow(lab);
    const flowloom = await startFlowloom(lab, ['hv1/br0']);
    await giveAddresses(hv1, 'br0', [`${HOST}/24`], OUTSIDE);
    const machines = { hv1, host, outside };

    await checkSizes(lab, flowloom, machines);
    await checkRate(lab, flowloom, machines);
    await checkOtherIcmp(lab, machines);
    await checkServices(lab, machines);
    await checkEveryLab(lab, flowloom, everyLab(lab, machines));
    await checkSecondStart(lab, { flowloom, recording, bridges: [[hv1, 'br0']], from: host, to: OUTSIDE });
  },
};

async function checkSizes(lab: Lab, flowloom: Flowloom, { host, outside }: Machines): Promise<void> {
  await check(lab, 'a ping of 84 bytes is answered, one of 85 is dropped before it comes to the host', async () => {
    await untilPingMayPass(outside);
    const seen = await startCapture(lab, host, 'br0', 'icmp');
    await expectNoPings(outside, HOST, { count: 2, flags: ['-s', String(LARGEST + 1)] });
    await until('one of 84 bytes is answered', async () => {
      const { received } = await ping(outside, HOST, { count: 1, flags: ['-s', String(LARGEST)] });
      return received === 1;
    });
    await untilSeen(seen, /203\.0\.113\.1 > 203\.0\.113\.10: ICMP echo request, .* length 64$/);
    const large = (await stopCapture(seen)).filter((frame) => /echo request.* length 65$/.test(frame));
    expect(large.length === 0, 'the host got:', () => large.join('\n'));
  });
  await check(lab, 'five large ones are counted as dropped by their rule, small ones are not', async () => {
    const before = await packetsOf(flowloom, LARGE);
    await expectNoPings(outside, HOST, { count: 5, flags: ['-s', '1000'] });
    await untilPingMayPass(outside);
    await until('the counter has them', async () => {
      const rise = (await packetsOf(flowloom, LARGE)) - before;
      return rise === 5 || expect(false, `it rose by ${rise}`);
    });
  });
}

/** The limit lets one pass again: one has been answered. */
async function untilPingMayPass(outside: Namespace): Promise<void> {
  await until('a ping is answered', async () => (await ping(outside, HOST, { count: 1 })).received === 1);
}

/** Packets that the bridge's meters dropped. */
async function meterDrops({ hv1 }: Machines): Promise<number> {
  const text = await ofctl(hv1, 'meter-stats', 'br0');
  return [...text.matchAll(/^0: packet_count:(\d+)/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}

async function checkRate(lab: Lab, flowloom: Flowloom, machines: Machines): Promise<void> {
  const { outside } = machines;
  await check(
    lab,
    'of 50 pings in 5 s those are answered that one a second allows, the meter has counted the rest',
    async () => {
      await untilPingMayPass(outside);
      await untilStill(() => packetsOf(flowloom, LIMITED));
      const dropped = await meterDrops(machines);
      const counted = await packetsOf(flowloom, LIMITED);
      const begin = Date.now();
      const { sent, received, outcome } = await ping(outside, HOST, { count: 50, interval: 0.1 });
      const seconds = (Date.now() - begin) / 1000;
      expect(sent === 50, 'not all were sent', () => told(outcome));
      // Open vSwitch fills its buckets in steps: one more or less.
      const right = received >= Math.floor(seconds) - 2 && received <= Math.ceil(seconds) + 1;
      expect(right, `${received} were answered in ${seconds} s`, () => told(outcome));
      await until('the meter has counted the others', async () => {
        const rise = (await meterDrops(machines)) - dropped;
        return (
          rise === sent - received || expect(false, `the meters dropped ${rise}, ${sent - received} had no answer`)
        );
      });
      await until('the rule has counted all, and the answers', async () => {
        const rise = (await packetsOf(flowloom, LIMITED)) - counted;
        return rise === sent + received || expect(false, `it rose by ${rise}: ${sent} were sent, ${received} answered`);
      });
    },
  );
  await check(lab, 'what the host itself pings is not limited: 20 in 2 s are answered', () =>
    expectPings(machines.host, OUTSIDE, { count: 20 }),
  );
}

async function checkOtherIcmp(lab: Lab, { host, outside }: Machines): Promise<void> {
  await check(lab, 'ICMP other than echo is dropped: a timestamp request does not come to the host', async () => {
    const raw = await openRawStation(lab, outside, 'eth0');
    const seen = await startCapture(lab, host, 'br0', 'icmp');
    const eth = { src: await macOf(outside), dst: await macOf(host, 'br0') };
    for (const type of [13, 17, 5]) {
      raw.send(
        buildPacket({
          eth,
          ipv4: { src: OUTSIDE, dst: HOST },
          icmp: { type, code: 0, rest: 0x1234_0001 },
          payload: new Uint8Array(12),
        }),
      );
    }
    await untilPingMayPass(outside);
    const others = (await untilSeen(seen, /ICMP echo request/)).filter((frame) => !/ICMP echo/.test(frame));
    await stopCapture(seen);
    raw.close();
    expect(others.length === 0, 'the host got:', () => others.join('\n'));
  });
}

async function checkServices(lab: Lab, { host, outside }: Machines): Promise<void> {
  await check(
    lab,
    'SMTP is refused at once with a reset, though the host has a server; it never comes to the host',
    async () => {
      const seen = await startCapture(lab, host, 'br0', 'tcp port 25');
      const answers = await startCapture(lab, outside, 'eth0', 'tcp port 25');
      await expectNoCurl(outside, `http://${HOST}:25/`, [7]);
      await untilSeen(answers, /203\.0\.113\.10\.25 > 203\.0\.113\.1\.\d+: Flags \[R/);
      await stopCapture(answers);
      const arrived = await stopCapture(seen);
      expect(arrived.length === 0, 'the host got:', () => arrived.join('\n'));
    },
  );
  await check(lab, 'ssh is accepted, all else dropped, and the host reaches outside', async () => {
    await expectCurl(outside, `http://${HOST}:22/`, /^hv1 answers 203\.0\.113\.1$/m);
    await expectNoCurl(outside, `http://${HOST}/`);
    await expectCurl(host, `http://${OUTSIDE}/`, /^outside answers 203\.0\.113\.10$/m);
  });
}

function everyLab(lab: Lab, { host, outside }: Machines): EveryLab {
  const smtp = 'reject smtp from net to host';
  const ssh = 'accept ssh from net to host';
  return {
    counted: [
      {
        rule: ssh,
        what: 'the packets of a connection, as outside has them',
        traffic: () => packetsAt(lab, outside, 'tcp port 22', () => expectCurl(outside, `http://${HOST}:22/`, /hv1/)),
      },
      {
        rule: smtp,
        what: 'the packets that are refused',
        traffic: () =>
          packetsAt(lab, outside, 'tcp dst port 25', () => expectNoCurl(outside, `http://${HOST}:25/`, [7])),
      },
      {
        rule: 'net to host drop',
        what: 'the packets to port 80',
        traffic: () => packetsAt(lab, outside, 'tcp dst port 80', () => expectNoCurl(outside, `http://${HOST}/`)),
      },
    ],
    change: {
      what: 'a rule that accepts http',
      text: (file) => file.replace(`    - ${ssh}\n`, `    - ${ssh}\n    - accept http from net to host\n`),
      does: () => expectCurl(outside, `http://${HOST}/`, /^hv1 answers/m),
      undone: () => expectNoCurl(outside, `http://${HOST}/`),
    },
    steady: [host, OUTSIDE],
    allowed: [{ packet: `from hv1/eth1 tcp to ${HOST}:22`, rule: ssh, says: /delivered to hv1\/br0:br0/ }],
    refused: [
      { packet: `from hv1/eth1 tcp to ${HOST}:25`, rule: smtp, says: /rejected/ },
      { packet: `from hv1/eth1 ping ${HOST} bytes 57`, rule: LARGE },
      { packet: `from hv1/eth1 icmp to ${HOST} type 13`, rule: 'drop icmp from net to host' },
    ],
  };
}
