/** Keeps the file's selectors bound to ports of other programs, as they come and go on all hosts, and tells it. */
import type { Logger } from 'pino';
import type { Config, Port } from '../../config/model.ts';
import type { InterfaceView } from './host-view.ts';
import { type HostSelection, isSelector, selectPorts, withSelected } from './port-selection.ts';

export interface SelectedPorts {
  /** The file with the ports that its selectors select now; the same object as long as they are the same. */
  network: Config;
  /** By host. */
  refused: ReadonlyMap<string, string[]>;
  waiting: ReadonlyMap<string, string[]>;
}

/** By host, those of it whose database was read at least once. */
export type KnownInterfaces = ReadonlyMap<string, readonly InterfaceView[]>;

/** Lines of the log for one change; what is more is counted. */
const MOST_LINES = 10;

export function createSelectedPorts(log: Logger): (config: Config, interfaces: KnownInterfaces) => SelectedPorts {
  const none = { refused: new Map(), waiting: new Map() };
  let config: Config | undefined;
  let hasSelectors = false;
  /** What each host's selection was made from. */
  let seen: KnownInterfaces = new Map();
  let selections = new Map<string, HostSelection>();
  let last: SelectedPorts | undefined;
  let told = new Map<string, string>();
  let toldRefused = new Set<string>();

  function select(next: Config, interfaces: KnownInterfaces): boolean {
    const fresh = new Map<string, HostSelection>();
    let changed = last === undefined || next !== config || interfaces.size !== selections.size;
    for (const [host, faces] of interfaces) {
      const standing = next === config ? selections.get(host) : undefined;
      if (standing !== undefined && seen.get(host) === faces) {
        fresh.set(host, standing);
        continue;
      }
      const selection = keepPorts(selectPorts(next, host, faces), standing);
      fresh.set(host, selection);
      changed ||= standing === undefined || differs(selection, standing);
    }
    selections = fresh;
    seen = new Map(interfaces);
    return changed;
  }

  function tell(): void {
    const lines = new Map<string, string>();
    for (const [host, { ports }] of selections) {
      for (const [selector, selected] of ports) {
        for (const { name } of selected) lines.set(`${host}: port ${name}`, `${selector.name} (${selector.source})`);
      }
    }
    const changes = [
      ...[...lines].filter(([port, by]) => told.get(port) !== by).map(([port, by]) => `${port} is selected by ${by}`),
      ...[...told].filter(([port]) => !lines.has(port)).map(([port, by]) => `${port} is no longer selected by ${by}`),
    ];
    for (const line of changes.slice(0, MOST_LINES)) log.info(line);
    if (changes.length > MOST_LINES) log.info(`${changes.length - MOST_LINES} more ports selected, or no longer`);
    told = lines;
    const refused = new Set([...selections].flatMap(([host, each]) => each.refused.map((line) => `${host}: ${line}`)));
    for (const line of refused) if (!toldRefused.has(line)) log.error(line);
    toldRefused = refused;
  }

  return (next, interfaces) => {
    if (next !== config) hasSelectors = next.bridges.some(({ ports }) => ports.some(isSelector));
    if (!hasSelectors && told.size === 0) {
      config = next;
      last = last?.network === next ? last : { network: next, ...none };
      return last;
    }
    if (select(next, interfaces)) {
      const chosen = new Map([...selections.values()].flatMap(({ ports }) => [...ports]));
      last = {
        network: withSelected(next, chosen),
        refused: new Map(Array.from(selections, ([host, { refused }]) => [host, refused])),
        waiting: new Map(Array.from(selections, ([host, { waiting }]) => [host, waiting])),
      };
      tell();
    }
    config = next;
    return last!;
  };
}

/** A port that stays is the same object, so that a bridge whose ports are the same can be told by them. */
function keepPorts(selection: HostSelection, standing: HostSelection | undefined): HostSelection {
  if (standing === undefined) return selection;
  const ports = new Map<Port, readonly Port[]>();
  for (const [selector, selected] of selection.ports) {
    const known = new Map(standing.ports.get(selector)?.map((port) => [port.name, port]));
    ports.set(
      selector,
      selected.map((port) => known.get(port.name) ?? port),
    );
  }
  return { ...selection, ports };
}

function differs(a: HostSelection, b: HostSelection): boolean {
  if (a.refused.join('\n') !== b.refused.join('\n') || a.waiting.join('\n') !== b.waiting.join('\n')) return true;
  return [...a.ports].some(([selector, ports]) => {
    const others = b.ports.get(selector) ?? [];
    return ports.length !== others.length || ports.some((port, i) => port !== others[i]);
  });
}
