/** The segments of the file on every switch: VLANs, tunnels, anti-spoofing, learning in the switch, flooding. */

import { defineApp } from '../../src/index.ts';
import { decideFlows, entryFlows, floodFlows, floodGroups, outputFlows } from './egress.ts';
import { admitFlows, classifyFlows, vlanInFlows } from './ingress.ts';
import { hearFlows, learnFlows } from './learning.ts';
import { siteOf } from './site.ts';
import { stationOf } from './station.ts';

export default defineApp({
  name: 'segments',
  tables: {
    classify: { stage: 'classify' },
    'vlan-in': { stage: 'vlan-in' },
    admit: { stage: 'admit' },
    learn: { stage: 'learn' },
    /** Counts what each station sends. */
    seen: { stage: 'learn', learned: true },
    hear: { stage: 'learn' },
    /** By which addresses stations are known. */
    addresses: { stage: 'learn', learned: true },
    entry: { stage: 'switching' },
    /** Where each station is. */
    learned: { stage: 'switching', learned: true },
    decide: { stage: 'switching' },
    flood: { stage: 'flood' },
    /** Not called as its stage: what goes to `output` passes the tables of others there first. */
    leave: { stage: 'output' },
  },
  station: stationOf,
  attach({ dp, network, timers }) {
    let file = network;
    let due = false;

    function update(): void {
      const { flows, groups } = dp;
      const site = siteOf(file, dp);
      groups.replace(site === undefined ? [] : floodGroups(site));
      flows.classify.replace(site === undefined ? [] : classifyFlows(site));
      flows['vlan-in'].replace(site === undefined ? [] : vlanInFlows(site));
      flows.admit.replace(site === undefined ? [] : admitFlows(site));
      flows.learn.replace(site === undefined ? [] : learnFlows(site));
      flows.hear.replace(site === undefined ? [] : hearFlows(site));
      flows.entry.replace(site === undefined ? [] : entryFlows());
      flows.decide.replace(site === undefined ? [] : decideFlows(site));
      flows.flood.replace(site === undefined ? [] : floodFlows(site));
      flows.leave.replace(site === undefined ? [] : outputFlows(site));
    }

    /** Ports come in crowds when a host starts, and each look is at all of them: one look for those of one go. */
    function updateSoon(): void {
      if (due) return;
      due = true;
      timers.after(0, () => {
        due = false;
        update();
      });
    }

    update();
    return {
      portUp: updateSoon,
      portDown: updateSoon,
      /** Stations are behind other ports than before. */
      topologyChanged() {
        dp.flows.learned.forget();
        dp.flows.seen.forget();
      },
      networkChanged(changed) {
        file = changed;
        update();
      },
    };
  },
});
