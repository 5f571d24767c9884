/** The row of large numbers: is everything there, and how much moves. */
import type { ComponentChildren } from 'preact';
import { formatBitRate, formatCount, plural } from './format.ts';
import type { Live } from './live.ts';
import type { Snapshot } from './wire.ts';

export function Overview({ live, status }: { live: Live; status: Snapshot }) {
  const connected = status.hosts.filter((host) => host.state === 'connected').length;
  const up = status.switches.filter((one) => one.state === 'up').length;
  const waiting = status.hosts.reduce((sum, host) => sum + host.waiting.length, 0);
  const foreign = [...live.flows.values()].filter((flow) => flow.app === null).length;
  const moving = [...live.flows.values()].filter((flow) => flow.packetRate > 0).length;
  const refused = status.switches.reduce((sum, one) => sum + one.refused.length, 0);
  return (
    <section class="overview" aria-label="Overview">
      <Tile
        title="Hosts"
        note={waiting > 0 ? `${plural(waiting, 'port')} awaited` : 'connected'}
        ok={connected === status.hosts.length}
      >
        {connected}
        <small> / {status.hosts.length}</small>
      </Tile>
      <Tile
        title="Switches"
        note={refused > 0 ? `${plural(refused, 'flow')} refused` : 'up'}
        ok={up === status.switches.length && refused === 0}
      >
        {up}
        <small> / {status.switches.length}</small>
      </Tile>
      <Tile
        title="Flows"
        note={`${formatCount(moving)} moving${foreign > 0 ? `, ${formatCount(foreign)} foreign` : ''}`}
      >
        {formatCount(live.flows.size)}
      </Tile>
      <Tile title="Sent since start" note={`flow changes, ${plural(status.sent.bundles, 'bundle')}`}>
        {formatCount(status.sent.flowMods)}
      </Tile>
      <Traffic traffic={live.traffic} />
    </section>
  );
}

interface TileProps {
  title: string;
  note: string;
  ok?: boolean;
  children: ComponentChildren;
}

function Tile({ title, note, ok = true, children }: TileProps) {
  return (
    <div class={ok ? 'tile' : 'tile attention'}>
      <h2>{title}</h2>
      <p class="large">{children}</p>
      <p class="note">{note}</p>
    </div>
  );
}

const WIDTH = 300;
const HEIGHT = 56;

function Traffic({ traffic }: { traffic: Live['traffic'] }) {
  const { bitRates } = traffic;
  const highest = Math.max(...bitRates, 1);
  const step = WIDTH / Math.max(bitRates.length - 1, 60);
  const start = WIDTH - step * (bitRates.length - 1);
  const points = bitRates.map(
    (rate, index) =>
      `${(start + index * step).toFixed(1)},${(HEIGHT - 2 - (rate / highest) * (HEIGHT - 6)).toFixed(1)}`,
  );
  return (
    <div class="tile traffic">
      <h2>Traffic into ports</h2>
      <p class="large">{formatBitRate(bitRates.at(-1) ?? 0)}</p>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <polygon points={`${start},${HEIGHT} ${points.join(' ')} ${WIDTH},${HEIGHT}`} />
        <polyline points={points.join(' ')} />
      </svg>
    </div>
  );
}
