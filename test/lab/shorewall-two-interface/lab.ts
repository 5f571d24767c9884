// Shorewall's two-interface firewall: policies, rules, DNAT and one to one, options of interfaces, what is logged.
import { packetsAt } from '../support/capture.ts';
import { checkEveryLab, type EveryLab } from '../support/every-lab.ts';
import { startFlowloom } from '../support/flowloom.ts';
import { giveAddresses } from '../support/host-stack.ts';
import type { Lab, LabDefinition } from '../support/lab.ts';
import { checkSecondStart, recordOpenFlow } from '../support/restart.ts';
import { expectCurl, expectNoCurl, expectNoPings, expectPings, untilAnswered } from '../support/traffic.ts';
import { checkLogs } from './logs.ts';
import { FIREWALL, type Machines, PROVIDER, SERVER, startMachines, WEB1, WEB2 } from './machines.ts';
import { checkOptions, checkRouteback } from './options.ts';
import { checkPolicies, checkRules } from './policies.ts';

export const lab: LabDefinition = {
  title: "Shorewall's two-interface firewall: policies, rules, NAT, options of interfaces, logging",
  async run(lab) {
    const machines = await startMachines(lab);
    const recording = await recordOpenFlow(lab);
    const flowloom = await startFlowloom(lab, ['hv1/br0']);
    await giveAddresses(machines.hv1, 'fw0', [`${FIREWALL.net}/24`, `${FIREWALL.loc}/32`], PROVIDER);
    for (const each of [machines.pc, machines.web1, machines.web2, machines.fw]) await untilAnswered(each, SERVER);
    await checkPolicies(lab, machines);
    await checkRules(lab, machines);
    await checkOptions(lab, flowloom, machines);
    await checkRouteback(lab, flowloom, machines);
    await checkLogs(lab, flowloom, machines);
    await checkEveryLab(lab, flowloom, everyLab(lab, machines));
    const bridges: Parameters<typeof checkSecondStart>[1]['bridges'] = [[machines.hv1, 'br0']];
    await checkSecondStart(lab, { flowloom, recording, bridges, from: machines.pc, to: SERVER });
  },
};

function everyLab(lab: Lab, { fw, pc, web1, web2, net }: Machines): EveryLab {
  const http = 'accept http from net to loc:10.66.66.67';
  const dropped = 'net to all drop log info';
  const rejected = 'all to all reject log info';
  const pings = (rule: string, from: typeof pc, to: string) => ({
    rule,
    what: '5 pings: 5 requests, 5 answers',
    traffic: async () => {
      await expectPings(from, to, { count: 5 });
      return 10;
    },
  });
  return {
    counted: [
      pings('loc to net accept', pc, SERVER),
      pings('fw to net accept', fw, SERVER),
      pings('accept ping from loc to fw', pc, FIREWALL.loc),
      pings('accept ping from net to loc:10.66.66.68', net, WEB2.outer),
      {
        rule: 'drop ping from net to fw',
        what: 'the pings that nobody answers',
        traffic: async () => {
          await expectNoPings(net, FIREWALL.net, { count: 3 });
          return 3;
        },
      },
      {
        rule: http,
        what: 'the packets of a download, as web1 has them',
        traffic: () =>
          packetsAt(lab, web1, 'tcp port 80', () => expectCurl(net, `http://${WEB1.outer}/bytes/2000`, /^x{2000}$/)),
      },
      {
        rule: dropped,
        what: 'the packets to a port of the firewall',
        traffic: () =>
          packetsAt(lab, net, 'tcp dst port 8083', () => expectNoCurl(net, `http://${FIREWALL.net}:8083/`)),
      },
      {
        rule: rejected,
        what: 'the packets that are refused',
        traffic: () =>
          packetsAt(lab, pc, 'tcp dst port 8084', () => expectNoCurl(pc, `http://${FIREWALL.loc}:8084/`, [7])),
      },
    ],
    change: {
      what: 'a rule for the web server of web2',
      text: (file) => file.replace(`    - ${http}\n`, `    - ${http}\n    - ${http.replace('.67', '.68')}\n`),
      does: () => expectCurl(net, `http://${WEB2.outer}/`, /^web2 answers 203\.0\.113\.1$/m),
      undone: () => expectNoCurl(net, `http://${WEB2.outer}/`),
    },
    steady: [web2, SERVER],
    allowed: [
      { packet: `from hv1/eth0 tcp to ${WEB1.outer}:80`, rule: http, says: /→ 10\.66\.66\.67:80 tcp syn/ },
      { packet: `from hv1/pc tcp to ${SERVER}:80`, rule: 'loc to net accept', says: /203\.0\.113\.66:\d+ → 198/ },
    ],
    refused: [
      { packet: `from hv1/eth0 tcp to ${WEB2.outer}:80`, rule: dropped },
      { packet: `from hv1/pc tcp to ${FIREWALL.loc}:80`, rule: rejected, says: /rejected/ },
      { packet: `from hv1/pc tcp to ${SERVER}:25`, rule: 'action: reject, service: smtp' },
    ],
  };
}
