/** Hosts with their switches, apps and segments, cables, stations, and every flow. */
import { useState } from 'preact/hooks';
import { AppList } from './app-list.tsx';
import { CableList } from './cable-list.tsx';
import { FlowSection } from './flow-section.tsx';
import { HostList } from './host-list.tsx';
import type { Live } from './live.ts';
import { Overview } from './overview.tsx';
import { everything, type Selection } from './select.ts';
import { StationList } from './station-list.tsx';
import type { Snapshot } from './wire.ts';

interface Props {
  live: Live;
  status: Snapshot;
  chosen: string | undefined;
  choose(id: string | undefined): void;
}

export function NetworkView({ live, status, chosen, choose }: Props) {
  const [selection, setSelection] = useState<Selection>(everything);
  return (
    <>
      <Overview live={live} status={status} />
      <HostList status={status} choose={(dpid) => setSelection({ ...selection, dpid })} />
      <AppList status={status} selection={selection} change={setSelection} />
      <CableList status={status} />
      <StationList status={status} />
      <FlowSection
        live={live}
        switches={status.switches}
        selection={selection}
        change={setSelection}
        chosen={chosen}
        choose={choose}
      />
    </>
  );
}
