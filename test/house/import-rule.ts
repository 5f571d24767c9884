/** The import rule of the house: which room may import which. */

import type { ImportGraph } from './import-graph.ts';

interface Room {
  /** Paths from the root; a room is everything below one of them. The first room that fits is the file's. */
  paths: string[];
  /** What of our own tree it may import besides itself. */
  may: string[];
  /** Packages it may use; undefined: any. Node's own modules are free unless `pure`. */
  packages?: string[];
  /** No input or output: not even Node's modules, these excepted. */
  pure?: string[];
}

/** The shapes by which rooms speak; they hold types alone. */
const CONTRACTS = ['src/config/model.ts', 'src/api/snapshot.ts', 'src/app/published.ts'];

/** Where a test may kill the process: steps of every room. */
const FAULT_POINTS = 'src/fault-point.ts';

/** The time: what of it tests give is given to every room. */
const CLOCK = 'src/clock.ts';

export const ROOMS: Record<string, Room> = {
  proto: { paths: ['proto/'], may: [], packages: [], pure: [] },
  transport: { paths: ['src/transport/'], may: [] },
  openflow: { paths: ['src/openflow/'], may: ['proto/openflow/', 'proto/wire/', 'src/transport/', 'src/telemetry/'] },
  ovsdb: {
    paths: ['src/ovsdb/'],
    may: [
      'proto/ovsdb/',
      'proto/wire/',
      'src/transport/',
      'src/telemetry/',
      'src/text/',
      'src/config/tunnel.ts',
      'src/config/port-segments.ts',
    ],
  },
  flow: { paths: ['src/flow/'], may: ['proto/openflow/', 'proto/wire/', 'src/openflow/', 'src/text/'] },
  packet: { paths: ['src/packet/'], may: ['proto/wire/'], packages: ['binary-parser/dist/binary_parser.js'], pure: [] },
  config: { paths: ['src/config/'], may: ['proto/wire/', 'proto/ovsdb/', 'src/text/'], pure: ['node:fs', 'node:path'] },
  // Networks that were built by hand, as text, to the text of a file.
  import: {
    paths: ['src/import/'],
    may: ['proto/wire/', 'src/config/'],
    packages: ['@xmldom/xmldom'],
    pure: [],
  },
  text: { paths: ['src/text/'], may: [], packages: [], pure: [] },
  telemetry: { paths: ['src/telemetry/'], may: [] },
  store: { paths: ['src/store/'], may: ['src/ovsdb/', 'proto/ovsdb/'] },
  app: {
    paths: ['src/app/'],
    may: [
      'src/flow/',
      'src/packet/',
      'src/config/',
      'src/text/',
      'src/openflow/',
      'src/telemetry/',
      'proto/openflow/',
      'proto/wire/',
    ],
  },
  api: { paths: ['src/api/'], may: ['src/telemetry/'] },
  fault: { paths: [FAULT_POINTS], may: [], packages: [] },
  clock: { paths: [CLOCK], may: [], packages: [], pure: [] },
  main: { paths: ['src/main.ts', 'src/main/'], may: ['src/', 'proto/', 'apps/'] },
  cli: {
    paths: ['src/cli/'],
    may: [
      'src/config/',
      'src/import/',
      'src/text/',
      'src/api/',
      'src/telemetry/',
      'src/flow/',
      'src/ovsdb/',
      'proto/',
      // A packet's words are read, and capture files, before anybody is asked.
      'src/trace/',
      'src/packet/',
      // `flowloom sim` needs no Flowloom: it connects to a controller itself.
      'src/sim/load/',
      'src/transport/target.ts',
    ],
  },
  index: {
    paths: ['src/index.ts'],
    may: ['src/app/', 'src/config/', 'src/flow/', 'src/packet/', 'proto/openflow/', 'proto/wire/'],
  },
  // Simulated switches on a real controller.
  'sim on sockets': {
    paths: ['src/sim/tcp-link.ts', 'src/sim/load/'],
    may: ['src/sim/', 'src/packet/', 'src/transport/', 'proto/openflow/', 'proto/wire/'],
  },
  // What `flowloom run` and the test kit put together alike: the apps of a file, and the switches that connect.
  control: {
    paths: ['src/control/'],
    may: ['src/app/', 'src/config/', 'src/flow/', 'src/openflow/', 'src/text/', 'proto/openflow/', 'apps/'],
  },
  // A packet in words, and its way through switches that are given to it: of what runs it knows nothing.
  trace: {
    paths: ['src/trace/'],
    may: [
      'src/sim/',
      'src/packet/',
      'src/flow/',
      'src/config/',
      'src/text/',
      'src/api/trace.ts',
      'proto/openflow/',
      'proto/wire/',
    ],
    pure: [],
  },
  sim: { paths: ['src/sim/'], may: ['proto/openflow/', 'proto/wire/', 'src/packet/', 'src/flow/text/'] },
  // The whole stack runs in a lab, as far as it needs no socket.
  testing: {
    paths: ['src/testing/'],
    may: [
      'src/app/',
      'src/config/',
      'src/control/',
      'src/flow/',
      'src/openflow/',
      'src/packet/',
      'src/sim/',
      'src/telemetry/',
      'src/text/',
      'proto/openflow/',
      'proto/wire/',
    ],
  },
  // As users write them.
  examples: { paths: ['examples/'], may: [], packages: ['flowloom', 'flowloom/testing'] },
  page: { paths: ['apps/dashboard/web/'], may: [] },
  apps: { paths: ['apps/'], may: ['src/index.ts'] },
  test: { paths: ['test/'], may: ['src/', 'proto/', 'apps/', 'examples/', 'scripts/'] },
  scripts: { paths: ['scripts/'], may: ['src/', 'proto/'] },
  settings: { paths: ['vitest.config.ts', 'vite.config.ts'], may: [] },
};

/** Between two apps, and two protocols, each is a room of its own. */
function roomOf(file: string): { name: string; room: Room; own: string } | undefined {
  for (const [name, room] of Object.entries(ROOMS)) {
    const path = room.paths.find((each) => file.startsWith(each));
    if (path === undefined) continue;
    const app = name === 'apps' ? /^apps\/[^/]+\//.exec(file)?.[0] : undefined;
    return { name, room, own: app ?? path };
  }
  return undefined;
}

/** One line for every import that the rule forbids, and every file without a room. */
export function violationsOf(graph: ImportGraph): string[] {
  const violations: string[] = [];
  for (const [file, imports] of graph) {
    const place = roomOf(file);
    if (place === undefined) {
      violations.push(
        `${file} is in no room of the house: put it into one, or add the room to ${'test/house/import-rule.ts'}`,
      );
      continue;
    }
    for (const target of imports) {
      const why = refusal(place, file, target);
      if (why !== undefined) violations.push(`${file} imports ${target}: ${why}`);
    }
  }
  return violations;
}

function refusal(
  { name, room, own }: { name: string; room: Room; own: string },
  file: string,
  target: string,
): string | undefined {
  if (target.startsWith('node:')) {
    return room.pure === undefined || room.pure.includes(target) ? undefined : `${name} is pure`;
  }
  if (!/^(proto|src|apps|examples|test|scripts)\//.test(target)) {
    if (target.startsWith('.')) return 'it is outside the project';
    return room.packages === undefined || room.packages.includes(target) ? undefined : `${name} uses no packages`;
  }
  if (file.startsWith('proto/openflow/') && target.startsWith('proto/ovsdb/'))
    return 'OpenFlow and OVSDB do not know each other';
  if (file.startsWith('proto/ovsdb/') && target.startsWith('proto/openflow/'))
    return 'OpenFlow and OVSDB do not know each other';
  if (
    target.startsWith(own) ||
    (name !== 'page' && CONTRACTS.includes(target) && !target.startsWith('apps/') && name !== 'apps')
  )
    return undefined;
  const isOfEvery = target === FAULT_POINTS || target === CLOCK;
  if (isOfEvery && file.startsWith('src/') && room.pure === undefined) return undefined;
  // What an app offers others is in one file, which they take its types from.
  if (name === 'apps' && /^apps\/[^/]+\/services\.ts$/.test(target)) return undefined;
  if (room.may.some((each) => target.startsWith(each))) return undefined;
  return room.may.length === 0 ? `${name} imports nothing of ours` : `${name} may import ${room.may.join(', ')}`;
}
