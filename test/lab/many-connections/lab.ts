// 10,000 connections at once through masquerading and a firewall of 5,000 rules; one rule more costs none of them.
import { fileURLToPath } from 'node:url';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import { type Daemon, outputOf, startDaemon, untilSaid } from '../support/daemon.ts';
import { checkPlan, type Flowloom, labFile, reload, startFlowloom, status } from '../support/flowloom.ts';
import { addGuest } from '../support/guest.ts';
import { appctl, type OpenVSwitch, startHost } from '../support/host.ts';
import type { Lab, LabDefinition } from '../support/lab.ts';
import { signal } from '../support/process.ts';
import { until } from '../support/wait.ts';

const CONNECTIONS = 10_000;
const RULES = 5000;
const LAST = '    - accept tcp 7000 from inside to outside';

export const lab: LabDefinition = {
  title: '10,000 connections at once through masquerading and 5,000 rules',
  // What it needs of the processors others would miss.
  alone: true,
  minutes: 8,
  async run(lab) {
    await startControl(lab);
    const hv1 = await startHost(lab, 'hv1', 'dials-in');
    const client = await addGuest(lab, hv1, 'client', { addresses: ['10.1.0.2/24'], via: '10.1.0.1' });
    const server = await addGuest(lab, hv1, 'server', { addresses: ['10.2.0.2/24'] });
    const program = (name: string) => [process.execPath, fileURLToPath(new URL(`../support/${name}`, import.meta.url))];
    const echo = startDaemon(lab, 'echo', server, [...program('echo-server.ts'), '7000']);
    await untilSaid(echo, /listening/);
    const flowloom = await startFlowloom(lab, ['hv1/br0'], withRules(lab, RULES - 1));

    const clients = startDaemon(lab, 'clients', client, [
      ...program('many-clients.ts'),
      '10.2.0.2',
      '7000',
      String(CONNECTIONS),
    ]);
    await check(lab, `${CONNECTIONS} connections are open at once, each passes ${RULES - 1} rules first`, async () => {
      await untilSaid(clients, /^open 10000$/m, 120);
      // The last ones may still wait to be accepted.
      await until(`${CONNECTIONS} are accepted`, () => {
        signal(echo.identity, 'SIGUSR2');
        return outputOf(echo).endsWith(`\n${CONNECTIONS} connected\n`);
      });
    });
    await check(lab, 'Open vSwitch tracks them all', async () => {
      const tracked = await connectionsIn(hv1);
      expect(tracked >= CONNECTIONS, `only ${tracked} are tracked`);
    });
    await check(lab, 'each says a word of its own, and gets it back', () => answered(clients, 1));
    await checkReload(lab, flowloom, clients);
    await checkPlan(flowloom, 'after the reload');
  },
};

/** The rules before the one that lets the connections in. */
function withRules(lab: Lab, count: number): string {
  const rules = Array.from(
    { length: count },
    (_, i) => `    - drop tcp ${10_000 + i} from inside to outside:10.2.0.9\n`,
  );
  return labFile(lab).replace(LAST, `${rules.join('')}${LAST}`);
}

async function answered(clients: Daemon, round: number): Promise<void> {
  signal(clients.identity, 'SIGUSR2');
  await untilSaid(clients, new RegExp(`^answered \\d+ in round ${round}$`, 'm'), 120);
  expect(outputOf(clients).includes(`answered ${CONNECTIONS} in round ${round}\n`), 'some are lost', () =>
    outputOf(clients),
  );
}

async function connectionsIn(host: OpenVSwitch): Promise<number> {
  const { stdout } = await appctl(host, 'dpctl/dump-conntrack');
  return stdout.split('\n').filter((line) => /^tcp,.*dport=7000/.test(line)).length;
}

async function checkReload(lab: Lab, flowloom: Flowloom, clients: Daemon): Promise<void> {
  const sent = async () => (await status(flowloom)).sent.flowMods;
  const before = await sent();
  reload(flowloom, withRules(lab, RULES - 1).replace('tcp 12345 from', 'udp 12345 from'));
  await check(
    lab,
    'one of the 5,000 rules is changed: its flow is sent, and those of the accept below, judged again',
    async () => {
      const mods = await until('the changed rule is in force', async () => (await sent()) - before || undefined, 30);
      // Of a drop above an accept another one goes, one comes; the accept's three have another number.
      expect(mods <= 5, `${mods} flow-mods were sent`);
    },
  );
  await check(lab, 'all connections go on', () => answered(clients, 2));
}
