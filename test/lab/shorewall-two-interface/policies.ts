/** Each policy and each rule by real traffic, both what it lets pass and what it does not. */
import { fileURLToPath } from 'node:url';
import { startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { type Lab, type Namespace, tryInside } from '../support/lab.ts';
import { told } from '../support/shell.ts';
import { curl, expectCurl, expectNoCurl, expectNoPings, expectPings } from '../support/traffic.ts';
import { BEHIND, FIREWALL, type Machines, SERVER, WEB1, WEB2 } from './machines.ts';

const REFUSED = [7];

export async function checkPolicies(lab: Lab, machines: Machines): Promise<void> {
  const { fw, pc, web2, net } = machines;
  await check(lab, "loc to net accept: pc reaches the Internet, as the firewall's address (masquerade)", async () => {
    await expectCurl(pc, `http://${SERVER}/`, /^net answers 203\.0\.113\.66$/m);
    await expectPings(pc, SERVER);
  });
  await check(lab, 'fw to net accept: the firewall machine reaches the Internet', () =>
    expectCurl(fw, `http://${SERVER}/`, /^net answers 203\.0\.113\.66$/m),
  );
  await check(lab, 'net to all drop: neither the firewall nor a machine behind it answers, in no way', async () => {
    const answers = await startCapture(lab, net, 'eth0', 'src host 203.0.113.66 or src host 203.0.113.68');
    const inner = await startCapture(lab, web2, 'eth0', 'tcp');
    await expectNoCurl(net, `http://${FIREWALL.net}/`);
    await expectNoCurl(net, `http://${WEB2.outer}/`);
    expect((await probe(net, FIREWALL.net)) === 'nothing', 'a UDP packet was answered');
    const all = [...(await stopCapture(answers)).filter((frame) => !/ARP/.test(frame)), ...(await stopCapture(inner))];
    expect(all.length === 0, 'there was traffic:', () => all.join('\n'));
  });
  await check(lab, 'loc to loc accept, routeback: by the firewall pc reaches what is behind web2', async () => {
    const seen = await startCapture(lab, web2, 'eth0', 'icmp');
    await expectPings(pc, BEHIND);
    // By way of the router, which has taken one off.
    await untilSeen(seen, /ttl 63,.* 10\.66\.66\.10 > 192\.0\.2\.9: ICMP echo request/);
    await stopCapture(seen);
  });
  await check(lab, 'all to all reject: pc is refused by the firewall machine, TCP with a reset', async () => {
    const seen = await startCapture(lab, pc, 'eth0', 'tcp');
    await expectNoCurl(pc, `http://${FIREWALL.loc}/`, REFUSED);
    await untilSeen(seen, /10\.66\.66\.1\.80 > 10\.66\.66\.10\.\d+: Flags \[R/);
    await stopCapture(seen);
  });
  await check(lab, 'all to all reject: UDP with ICMP port unreachable', async () => {
    const seen = await startCapture(lab, pc, 'eth0', 'icmp');
    expect((await probe(pc, FIREWALL.loc)) === 'ECONNREFUSED', 'the socket was not told');
    await untilSeen(seen, /10\.66\.66\.1 > 10\.66\.66\.10: ICMP 10\.66\.66\.1 udp port 4444 unreachable/);
    await stopCapture(seen);
  });
  await check(lab, 'all to all reject: the firewall machine itself is refused by it on its way to loc', () =>
    expectNoCurl(fw, `http://${WEB1.inner}/`, REFUSED),
  );
}

export async function checkRules(lab: Lab, machines: Machines): Promise<void> {
  const { pc, web1, net } = machines;
  await check(lab, 'accept ping from loc to fw; drop ping from net to fw', async () => {
    await expectPings(pc, FIREWALL.loc);
    await expectNoPings(net, FIREWALL.net);
  });
  await check(lab, 'accept http from net to loc: DNAT of 203.0.113.67:80 to web1; its port 81 is dropped', async () => {
    const seen = await startCapture(lab, web1, 'eth0', 'tcp');
    await expectCurl(net, `http://${WEB1.outer}/`, /^web1 answers 203\.0\.113\.1$/m);
    await untilSeen(seen, /203\.0\.113\.1\.\d+ > 10\.66\.66\.67\.80: /);
    await expectCurl(pc, `http://${WEB1.inner}:81/`, /web1 answers/);
    await expectNoCurl(net, `http://${WEB1.outer}:81/`);
    const other = (await stopCapture(seen)).filter((frame) => /203\.0\.113\.1\.\d+ > .*\.81: /.test(frame));
    expect(other.length === 0, 'web1 got:', () => other.join('\n'));
  });
  await check(lab, 'accept ping from net to loc:10.66.66.68, one to one; not to .67', async () => {
    await expectPings(net, WEB2.outer);
    await expectNoPings(net, WEB1.outer);
  });
  await check(lab, 'one to one on the way out: web1 is 203.0.113.67, web2 203.0.113.68', async () => {
    await expectCurl(web1, `http://${SERVER}/`, /^net answers 203\.0\.113\.67$/m);
    await expectCurl(machines.web2, `http://${SERVER}/`, /^net answers 203\.0\.113\.68$/m);
  });
  await check(lab, 'reject smtp from loc to net: pc is refused at once, the server gets nothing', async () => {
    const seen = await startCapture(lab, net, 'eth0', 'tcp port 25');
    await expectNoCurl(pc, `http://${SERVER}:25/`, REFUSED);
    const arrived = await stopCapture(seen);
    expect(arrived.length === 0, 'the server got:', () => arrived.join('\n'));
  });
  await check(
    lab,
    'accept ssh from net to fw limit 12/min burst 4: four connections, the fifth is dropped',
    async () => {
      for (let count = 1; count <= 4; count++) {
        const outcome = await curl(net, `http://${FIREWALL.net}:22/`);
        expect(outcome.stdout === 'hv1 answers 203.0.113.1\n', `connection ${count} should pass`, () => told(outcome));
      }
      await expectNoCurl(net, `http://${FIREWALL.net}:22/`);
    },
  );
}

/** One datagram to a port where nobody is. */
async function probe(from: Namespace, address: string): Promise<string> {
  const program = fileURLToPath(new URL('../support/udp-probe.ts', import.meta.url));
  return (await tryInside(from, [process.execPath, program, address, '4444', '40444'])).stdout.trim();
}
