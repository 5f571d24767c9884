/** REST routes: what the network is, as hosts and switches tell it. */

import type { Route } from '../route.ts';
import type { StationStatus } from '../snapshot.ts';

export const networkRoutes: Route[] = [
  {
    path: '/status',
    summary: 'Everything but the flows: hosts, switches with their ports, segments, apps',
    schema: 'Snapshot',
    list: false,
    reads: ['port', 'flow'],
    answer: (source) => source.status(),
  },
  {
    path: '/hosts',
    summary: 'Machines that run Open vSwitch, their OVSDB connections and what they wait for',
    schema: 'HostStatus',
    list: true,
    answer: (source) => source.status().hosts,
  },
  {
    path: '/switches',
    summary: 'Switches, the last synchronisation of each, and its ports',
    schema: 'SwitchStatus',
    list: true,
    reads: ['port'],
    answer: (source) => source.status().switches,
  },
  {
    path: '/ports',
    summary: 'The ports of all switches',
    schema: 'SwitchPort',
    list: true,
    reads: ['port'],
    answer: (source) =>
      source
        .status()
        .switches.flatMap((one) => one.ports.map((port) => ({ dpid: one.dpid, switch: one.name, ...port }))),
  },
  {
    path: '/segments',
    summary: 'Segments with their VLAN, VNI and the largest packet that fits everywhere',
    schema: 'SegmentStatus',
    list: true,
    answer: (source) => source.status().segments,
  },
  {
    path: '/stations',
    summary: 'Stations: where each switch learned them, by which addresses, when they were heard and will be forgotten',
    schema: 'StationStatus',
    list: true,
    reads: ['flow'],
    query: {
      switch: 'Only as this switch has them, by datapath id or by name',
      segment: 'Only those of this segment',
      mac: 'Only this station',
      ip: 'Only who has this address, IPv4 or IPv6',
      port: 'Only those at ports of this name',
    },
    answer: (source, { query }) => selectStations(source.status().stations, query),
  },
  {
    path: '/topology',
    summary: 'Cables between switches, which of them carry, and the ports that are closed so that no frame goes round',
    schema: 'TopologyStatus',
    list: false,
    answer: (source) => source.status().topology,
  },
  {
    path: '/mac-tables',
    summary: 'Who keeps the MAC table of each bridge of the file, and how long a silent station stays in it',
    schema: 'MacTableStatus',
    list: true,
    answer: (source) => source.status().macTables,
  },
];

function selectStations(stations: StationStatus[], wanted: Record<string, string>): StationStatus[] {
  return stations.filter(
    (one) =>
      (wanted.switch === undefined || one.dpid === wanted.switch.toLowerCase() || one.switch === wanted.switch) &&
      (wanted.segment === undefined || one.segment === wanted.segment) &&
      (wanted.mac === undefined || one.mac === wanted.mac.toLowerCase()) &&
      (wanted.ip === undefined || one.addresses.includes(wanted.ip.toLowerCase())) &&
      (wanted.port === undefined || one.port === wanted.port),
  );
}
