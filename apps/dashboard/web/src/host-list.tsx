/** Hosts, each with its switches; switches that no host of the file owns stand last. */
import { formatAge } from './format.ts';
import { Lines } from './lines.tsx';
import { useClock } from './live.ts';
import { SwitchCard } from './switch-card.tsx';
import type { HostStatus, InterfaceStatus, Snapshot, SwitchStatus } from './wire.ts';

interface Props {
  status: Snapshot;
  /** Shows only the flows of this switch. */
  choose(dpid: string): void;
}

/** With more than this, switches start folded. */
const OPEN_SWITCHES = 6;

export function HostList({ status, choose }: Props) {
  const names = new Set(status.hosts.map((host) => host.name));
  const others = status.switches.filter((one) => one.host === null || !names.has(one.host));
  const open = status.switches.length <= OPEN_SWITCHES;
  const cards = (switches: SwitchStatus[]) =>
    switches.map((one) => <SwitchCard key={one.dpid} status={one} open={open} choose={choose} />);
  return (
    <section class="hosts" aria-label="Hosts and switches">
      {status.hosts.map((host) => (
        <article class="card" key={host.name} data-host={host.name}>
          <HostHead host={host} />
          {cards(status.switches.filter((one) => one.host === host.name))}
        </article>
      ))}
      {others.length > 0 && (
        <article class="card">
          {status.hosts.length > 0 && <h2>Switches of no host in the file</h2>}
          {cards(others)}
        </article>
      )}
      {status.hosts.length === 0 && others.length === 0 && (
        <p class="empty">
          No switch yet. Point one here: <code>ovs-vsctl set-controller br0 tcp:THIS-MACHINE:6653</code>
        </p>
      )}
    </section>
  );
}

function HostHead({ host }: { host: HostStatus }) {
  const now = useClock();
  return (
    <>
      <h2>
        <span class={`state ${host.state === 'connected' ? 'good' : 'bad'}`} data-field="state">
          {host.state}
        </span>
        {host.name}
        <span class="note">
          {host.ovsVersion !== null && `Open vSwitch ${host.ovsVersion} · `}
          {host.dpdk !== null && `DPDK ${host.dpdk} · `}
          <code>{host.ovsdb}</code> · for {formatAge(now - host.since)}
        </span>
      </h2>
      <Lines kind="error" title="Error" lines={host.error === null ? [] : [host.error]} />
      <Lines kind="waiting" title="Waiting" lines={host.waiting} />
      <Lines kind="warning" title="Warning" lines={host.warnings} />
      <Lines kind="warning" title="Interface" lines={host.interfaces.flatMap(troubleOf)} />
      <Lines kind="warning" title="Changed by somebody, and left so" lines={host.drift.left} />
      <Repaired drift={host.drift} />
      {host.changes.length > 0 && (
        <details class="changes">
          <summary>
            {host.changes.length === 100 ? 'Last 100 changes' : `Changes written: ${host.changes.length}`}, last:{' '}
            {host.changes.at(-1)}
          </summary>
          <ol>
            {host.changes.map((line, index) => (
              <li key={`${index} ${line}`}>{line}</li>
            ))}
          </ol>
        </details>
      )}
    </>
  );
}

/** What of an interface of ours somebody should look at; an error of a port of the file is told as waiting already. */
function troubleOf({ owned, bridge, name, link, bfd }: InterfaceStatus): string[] {
  if (!owned) return [];
  return [
    ...(bfd !== null && bfd !== 'up' ? [`${bridge}/${name}: BFD ${bfd}`] : []),
    ...(link === 'down' && name !== bridge ? [`${bridge}/${name}: link down`] : []),
  ];
}

/** What somebody else changed and Flowloom put right. */
function Repaired({ drift: { seen, recent, left } }: Pick<HostStatus, 'drift'>) {
  const count = seen - left.length;
  if (count <= 0) return null;
  const last = recent.filter((line) => !left.includes(line)).at(-1);
  return (
    <p class="note" data-field="drift">
      {count === 1 ? '1 change' : `${count} changes`} by somebody else put right
      {last !== undefined && `, the last: ${last}`}
    </p>
  );
}
