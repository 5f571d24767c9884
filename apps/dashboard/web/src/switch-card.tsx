/** One switch: its state, its last synchronisation, and its ports with live rates. */
import { useState } from 'preact/hooks';
import { formatAge, formatBitRate, formatBytes, formatCount, plural } from './format.ts';
import { Lines } from './lines.tsx';
import { useClock } from './live.ts';
import type { PortStatus, SwitchStatus } from './wire.ts';

interface Props {
  status: SwitchStatus;
  open: boolean;
  choose(dpid: string): void;
}

/** OpenFlow's OFPP_LOCAL: the bridge's own interface. */
const LOCAL = 0xfffffffe;
/** More ports than this are drawn only on demand. */
const SHOWN_PORTS = 64;

export function SwitchCard({ status, open, choose }: Props) {
  const [folded, setFolded] = useState(!open);
  const [all, setAll] = useState(false);
  const now = useClock();
  const ports = all ? status.ports : status.ports.slice(0, SHOWN_PORTS);
  const { sync } = status;
  return (
    <details
      class="switch"
      open={!folded}
      data-dpid={status.dpid}
      onToggle={(event) => setFolded(!event.currentTarget.open)}
    >
      <summary>
        <span class={`state ${status.state === 'up' ? 'good' : 'bad'}`} data-field="state">
          {status.state}
        </span>
        <b>{status.name}</b> <code>{status.dpid}</code>
        <span class="note">{plural(status.ports.length, 'port')}</span>
      </summary>
      <p class="note">
        <button type="button" class="link" onClick={() => choose(status.dpid)}>
          {plural(status.flows, 'flow')}
        </button>
        {status.foreignFlows > 0 && <span class="foreign"> {formatCount(status.foreignFlows)} foreign</span>}
        {sync !== null &&
          ` · synchronised ${formatAge(now - sync.at)} ago: ${sync.added} added, ${sync.deleted} deleted, ${sync.unchanged} as they were`}
        {status.host === null && status.description !== null && ` · ${status.description}`}
        {status.host === null && status.address !== null && ` · ${status.address}`}
      </p>
      <Lines kind="error" title="Refused" lines={status.refused} />
      {status.drift.seen > 0 && (
        <p class="note" data-field="drift">
          {plural(status.drift.seen, 'change')} by somebody else put right
          {status.drift.last !== null && `, the last: ${status.drift.last}`}
        </p>
      )}
      {!folded && status.ports.length > 0 && (
        <div class="ports">
          <table>
            <caption class="hidden">Ports of {status.name}</caption>
            <thead>
              <tr>
                <th scope="col">Port</th>
                <th scope="col">Segments</th>
                <th scope="col">In</th>
                <th scope="col">Out</th>
                <th scope="col">Dropped</th>
              </tr>
            </thead>
            <tbody>
              {ports.map((port) => (
                <PortRow key={port.number} port={port} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {ports.length < status.ports.length && (
        <button type="button" onClick={() => setAll(true)}>
          Show all {formatCount(status.ports.length)} ports
        </button>
      )}
    </details>
  );
}

function PortRow({ port }: { port: PortStatus }) {
  const dropped = port.rxDropped + port.txDropped;
  return (
    <tr data-port={port.name} class={port.up ? '' : 'down'}>
      <th scope="row">
        <span class={`dot ${port.up ? 'good' : 'bad'}`} aria-hidden="true" /> {port.name}
        <span class="note" title={port.mac}>
          {' '}
          {port.number === LOCAL ? 'LOCAL' : port.number}
          {port.up ? '' : ' · down'}
        </span>
      </th>
      <td>
        {port.segments.map((segment) => (
          <span class="chip plain" key={segment}>
            {segment}
          </span>
        ))}
      </td>
      <Traffic direction="rx" packets={port.rxPackets} bytes={port.rxBytes} rate={port.rxRate} />
      <Traffic direction="tx" packets={port.txPackets} bytes={port.txBytes} rate={port.txRate} />
      <td data-field="dropped" data-value={dropped} class={dropped > 0 ? 'number attention' : 'number'}>
        {formatCount(dropped)}
      </td>
    </tr>
  );
}

function Traffic({
  direction,
  packets,
  bytes,
  rate,
}: {
  direction: string;
  packets: number;
  bytes: number;
  rate: number;
}) {
  return (
    <td
      class={rate > 0 ? 'number moving' : 'number'}
      data-field={`${direction}Packets`}
      data-value={packets}
      title={`${formatCount(packets)} packets, ${formatBytes(bytes)}`}
    >
      {formatBitRate(rate)}
    </td>
  );
}
