/** Apps as buttons that filter the flows, and the segments beside them. */
import { AppName } from './app-name.tsx';
import { formatCount, plural } from './format.ts';
import type { Selection } from './select.ts';
import type { SegmentStatus, Snapshot } from './wire.ts';

interface Props {
  status: Snapshot;
  selection: Selection;
  change(selection: Selection): void;
}

export function AppList({ status, selection, change }: Props) {
  if (status.apps.length === 0 && status.segments.length === 0) return null;
  return (
    <section class="apps" aria-label="Apps and segments">
      {status.apps.map((app) => (
        <button
          key={app.name}
          type="button"
          class="app-filter"
          aria-pressed={selection.app === app.name}
          onClick={() => change({ ...selection, app: selection.app === app.name ? '' : app.name })}
          title={`${formatCount(app.packets)} packets, ${plural(app.packetIns, 'packet-in')}${app.error === null ? '' : `; ${app.error}`}`}
        >
          <AppName name={app.name} />
          <span>{plural(app.flows, 'flow')}</span>
          {app.state === 'failed' && <b class="bad">failed: {app.error}</b>}
          {app.code.refused !== null && <b class="bad">newer code does not run: {app.code.refused}</b>}
        </button>
      ))}
      {status.segments.map((segment) => (
        <span class="segment" key={segment.name} title={segment.source}>
          <b>{segment.name}</b> {describe(segment)}
        </span>
      ))}
    </section>
  );
}

function describe({ vlan, vni, mtu }: SegmentStatus): string {
  const parts = [
    vlan === null ? '' : `VLAN ${vlan}`,
    vni === null ? '' : `VNI ${vni}`,
    mtu === null ? '' : `packets up to ${mtu}`,
  ].filter(Boolean);
  return parts.length === 0 ? 'untagged' : parts.join(' · ');
}
