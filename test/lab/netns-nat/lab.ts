// A namespace behind a host whose own address comes from outside, and changes.
import { packetsAt, startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import { checkEveryLab, type EveryLab } from '../support/every-lab.ts';
import { startFlowloom } from '../support/flowloom.ts';
import { addGuest } from '../support/guest.ts';
import { type OpenVSwitch, startHost } from '../support/host.ts';
import { giveAddresses } from '../support/host-stack.ts';
import { inside, type Lab, type LabDefinition, type Namespace } from '../support/lab.ts';
import { checkSecondStart, recordOpenFlow } from '../support/restart.ts';
import { expectCurl, expectNoCurl, expectNoPings, expectPings, startWeb, untilAnswered } from '../support/traffic.ts';
import { until } from '../support/wait.ts';

const INNER = '192.168.45.2';
const OUTSIDE = '198.51.100.1';
/** Of the uplink, one after the other. */
const FIRST = '198.51.100.20';
const SECOND = '198.51.100.30';

interface Machines {
  host: OpenVSwitch;
  netns: Namespace;
  outside: Namespace;
}

export const lab: LabDefinition = {
  title: 'a namespace behind a host: masquerade by an address that changes, a forward',
  async run(lab) {
    await startControl(lab);
    const host = await startHost(lab, 'hv1', 'tcp');
    const netns = await addGuest(lab, host, 'netns', {
      ...{ addresses: [`${INNER}/24`], via: '192.168.45.1', device: 'veth0' },
    });
    const outside = await addGuest(lab, host, 'outside', { addresses: [`${OUTSIDE}/24`], device: 'eth1' });
    for (const port of [80, 81]) await startWeb(lab, netns, port);
    await startWeb(lab, outside, 80);
    for (const port of [22, 8082]) await startWeb(lab, host.namespace, port);
    const recording = await recordOpenFlow(lab);
    const flowloom = await startFlowloom(lab, ['hv1/br0']);
    await giveAddresses(host, 'uplink0', [`${FIRST}/24`], OUTSIDE);
    const machines = { host, netns, outside };

    await check(lab, 'the host reaches outside by its own address, and is reached by what a rule accepts', async () => {
      // A port whose link comes up is listened to first.
      await untilAnswered(host.namespace, OUTSIDE);
      await expectCurl(host.namespace, `http://${OUTSIDE}/`, /^outside answers 198\.51\.100\.20$/m);
      await expectCurl(outside, `http://${FIRST}:22/`, /^hv1 answers 198\.51\.100\.1$/m);
      await expectNoCurl(outside, `http://${FIRST}:8082/`);
    });
    await checkAddress(lab, machines, FIRST);
    await changeAddress(lab, machines);
    await checkAddress(lab, machines, SECOND);
    await checkEveryLab(lab, flowloom, everyLab(lab, machines));
    await checkSecondStart(lab, { flowloom, recording, bridges: [[host, 'br0']], from: netns, to: OUTSIDE });
  },
};

async function checkAddress(lab: Lab, { netns, outside }: Machines, uplink: string): Promise<void> {
  await check(lab, `the namespace goes out as ${uplink}, the uplink's own address`, async () => {
    const seen = await startCapture(lab, outside, 'eth0', 'ip');
    await until('it does', async () => {
      await expectPings(netns, OUTSIDE, { count: 1 });
      await expectCurl(
        netns,
        `http://${OUTSIDE}/`,
        new RegExp(`^outside answers ${uplink.replaceAll('.', '\\.')}$`, 'm'),
      );
      return true;
    });
    const leaked = (await stopCapture(seen)).filter((frame) => frame.includes('192.168.45.'));
    expect(leaked.length === 0, 'private addresses outside:', () => leaked.join('\n'));
  });
  await check(lab, `${uplink}:8080 reaches the namespace at port 80`, async () => {
    const seen = await startCapture(lab, netns, 'eth0', 'tcp');
    await expectCurl(outside, `http://${uplink}:8080/`, /^netns answers 198\.51\.100\.1$/m);
    await untilSeen(seen, /198\.51\.100\.1\.\d+ > 192\.168\.45\.2\.80: /);
    await stopCapture(seen);
  });
  await check(lab, `${uplink}:8081 is forwarded too, but no rule accepts it`, async () => {
    await expectCurl(netns, `http://${INNER}:81/`, /netns answers/);
    await expectNoCurl(outside, `http://${uplink}:8081/`);
  });
}

/** As a DHCP client does it, which then uses the new address. */
async function changeAddress(lab: Lab, { host, netns, outside }: Machines): Promise<void> {
  await check(lab, `the host's address becomes ${SECOND}: the old one is nobody's any more`, async () => {
    await giveAddresses(host, 'uplink0', [`${SECOND}/24`], OUTSIDE);
    // Its first packets pass, before Flowloom takes the address over.
    await expectPings(host.namespace, OUTSIDE, { count: 10 });
    await until('the namespace goes out with it', async () => {
      await expectCurl(netns, `http://${OUTSIDE}/`, /^outside answers 198\.51\.100\.30$/m);
      return true;
    });
    await inside(outside, ['ip', 'neigh', 'flush', 'dev', 'eth0']);
    await expectNoPings(outside, FIRST);
    await expectNoCurl(outside, `http://${FIRST}:8080/`, [7, 28]);
  });
}

function everyLab(lab: Lab, { host, netns, outside }: Machines): EveryLab {
  const http = 'accept http from uplink to inner:192.168.45.2';
  const forward = `http://${SECOND}:8080/`;
  return {
    counted: [
      {
        rule: 'inner to all accept',
        what: '10 pings: 10 requests, 10 answers',
        traffic: async () => {
          await expectPings(netns, OUTSIDE, { count: 10 });
          return 20;
        },
      },
      {
        rule: http,
        what: 'the packets of a connection, as the namespace has them',
        traffic: () => packetsAt(lab, netns, 'tcp port 80', () => expectCurl(outside, forward, /netns answers/)),
      },
      {
        rule: 'uplink to all drop',
        what: 'the packets to port 8081',
        traffic: () =>
          packetsAt(lab, outside, 'tcp dst port 8081', () => expectNoCurl(outside, `http://${SECOND}:8081/`)),
      },
    ],
    change: {
      what: 'without the accept rule the forward does not work',
      text: (file) => file.replace(`    - ${http}\n`, ''),
      does: () => expectNoCurl(outside, forward),
      undone: () => expectCurl(outside, forward, /^netns answers 198\.51\.100\.1$/m),
    },
    steady: [host.namespace, OUTSIDE],
    allowed: [
      { packet: `from hv1/veth0 tcp to ${OUTSIDE}:80`, rule: 'inner to all accept', says: /198\.51\.100\.30:\d+ → / },
      { packet: `from hv1/eth1 tcp to ${SECOND}:8080`, rule: http, says: /→ 192\.168\.45\.2:80 tcp syn/ },
    ],
    refused: [{ packet: `from hv1/eth1 tcp to ${SECOND}:8081`, rule: 'uplink to all drop' }],
  };
}
