/** What is handed out to whom: from the apps that are loaded and what they declare on the switches. */

import { isField } from '../../proto/openflow/oxm.ts';
import { fieldRow } from '../../proto/openflow/oxm-fields.ts';
import type { Subfield } from '../../proto/openflow/subfield.ts';
import type { PipelineBits, PipelineMap, PipelineTable } from '../api/pipeline.ts';
import type { AppHost } from '../app/host.ts';
import type { DesiredMeter } from '../flow/meter.ts';
import { PIPELINE_FIELD_TEXTS, PIPELINE_FIELDS, type PipelineFieldName } from '../flow/pipeline-fields.ts';
import { STAGES } from '../flow/stages.ts';
import type { Woven } from '../flow/weave/weaver.ts';

/** What the apps declare on one switch. */
export interface WovenSwitch {
  name: string;
  woven: Pick<Woven, 'flows' | 'groups' | 'meters' | 'zones'>;
}

export function pipelineMap(host: AppHost, switches: readonly WovenSwitch[]): PipelineMap {
  return {
    stages: Object.entries(STAGES).map(([name, [first, last]]) => ({ name, first, last })),
    tables: tablesOf(host, switches),
    fields: fieldsOf(host),
    zones: zonesOf(host, switches),
    groups: gather(
      switches,
      ({ groups }) => groups,
      ({ groupId, app, key }) => ({ id: groupId, app, key }),
    ),
    meters: gather(
      switches,
      ({ meters }) => meters,
      (meter) => ({
        ...{ id: meter.meterId, app: meter.app, key: meter.key },
        rate: rateOf(meter),
      }),
    ),
  };
}

function tablesOf(host: AppHost, switches: readonly WovenSwitch[]): PipelineTable[] {
  const counts = new Map<number, number>();
  for (const { woven } of switches) {
    for (const { tableId } of woven.flows.values()) counts.set(tableId, (counts.get(tableId) ?? 0) + 1);
  }
  const tables = [...host.plan.owners.values()].map(({ id, app, stage, learned }) => {
    return { id, name: host.plan.name(id), stage, app, learned, flows: counts.get(id) ?? 0 };
  });
  // Packets come in at table 0, also where no app has it.
  if (counts.has(0) && !host.plan.owners.has(0)) {
    const name = host.plan.name(0);
    tables.push({ id: 0, name, stage: 'classify', app: 'weaver', learned: false, flows: counts.get(0) ?? 0 });
  }
  return tables.toSorted((a, b) => a.id - b.id);
}

function fieldsOf(host: AppHost): PipelineBits[] {
  const own = Object.entries(PIPELINE_FIELDS).map(([name, place]): PipelineBits => {
    const text = PIPELINE_FIELD_TEXTS[name as PipelineFieldName];
    return { name, app: null, bits: bitsText(place), text, users: [] };
  });
  const apps = [...host.apps.values()];
  const others = [...host.fields.fields.values()].map(({ name, app, place, text }): PipelineBits => {
    const users = apps.filter(({ definition }) => definition.uses?.includes(name) === true);
    return { name, app, bits: bitsText(place), text, users: users.map((user) => user.name) };
  });
  return [...own, ...others];
}

/** As ovs-ofctl writes a run of bits, with the plain name of its field. */
export function bitsText({ field, offset, bits }: Subfield): string {
  if (!isField(field)) return field;
  const row = fieldRow(field);
  if (bits === row.bits) return row.ovs;
  return bits === 1 ? `${row.ovs}[${offset}]` : `${row.ovs}[${offset}..${offset + bits - 1}]`;
}

function zonesOf(host: AppHost, switches: readonly WovenSwitch[]): PipelineMap['zones'] {
  const found = new Map<number, { apps: Set<string>; switches: string[] }>();
  for (const { name, woven } of switches) {
    for (const [zone, users] of woven.zones) {
      const entry = found.get(zone) ?? { apps: new Set(), switches: [] };
      found.set(zone, entry);
      entry.switches.push(name);
      for (const { app } of users) entry.apps.add(app);
    }
  }
  return [...found]
    .map(([zone, { apps, switches: names }]) => {
      return { zone, name: host.ctZone.nameOf(zone) ?? null, apps: [...apps].toSorted(), switches: names };
    })
    .toSorted((a, b) => a.zone - b.zone);
}

/** The same app's and key's on several switches is one line. */
function gather<T, R extends { app: string; key: string }>(
  switches: readonly WovenSwitch[],
  of: (woven: WovenSwitch['woven']) => ReadonlyMap<number, T>,
  describe: (each: T) => R,
): (R & { switches: string[] })[] {
  const found = new Map<string, R & { switches: string[] }>();
  for (const { name, woven } of switches) {
    for (const each of of(woven).values()) {
      const described = describe(each);
      const id = JSON.stringify(described);
      const entry = found.get(id) ?? { ...described, switches: [] };
      found.set(id, entry);
      entry.switches.push(name);
    }
  }
  const order = ({ app, key }: R) => `${app}\n${key}`;
  return [...found.values()].toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
}

function rateOf({ flags, bands: [band] }: DesiredMeter): string {
  if (band?.type !== 'drop') return '';
  const unit = flags.includes('pktps') ? 'packets/s' : 'kbit/s';
  const burst = flags.includes('burst') ? `, burst ${band.burstSize}` : '';
  return `${band.rate} ${unit}${burst}`;
}
