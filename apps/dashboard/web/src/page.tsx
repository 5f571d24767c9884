/** The whole page: header, overview, hosts with their switches, apps and segments, cables, stations, flows. */
import { useState } from 'preact/hooks';
import { AppList } from './app-list.tsx';
import { CableList } from './cable-list.tsx';
import type { Connection } from './connection.ts';
import { FlowDetail } from './flow-detail.tsx';
import { FlowSection } from './flow-section.tsx';
import { Header } from './header.tsx';
import { HostList } from './host-list.tsx';
import { type Live, useLive } from './live.ts';
import { Overview } from './overview.tsx';
import { everything, type Selection } from './select.ts';
import { StationList } from './station-list.tsx';
import { TokenForm } from './token-form.tsx';

export function Page({ live, connection }: { live: Live; connection: Connection }) {
  useLive(live);
  const [selection, setSelection] = useState<Selection>(everything);
  const [chosen, setChosen] = useState<string>();
  const { status } = live;

  if (live.connection.phase === 'token-wanted') {
    return <TokenForm refused={live.connection.refused} use={connection.useToken} />;
  }
  return (
    <div class={chosen === undefined ? 'page' : 'page with-detail'}>
      <Header status={status} state={live.connection} retry={connection.retry} />
      <main class={live.connection.phase === 'lost' ? 'stale' : ''}>
        {status === undefined ? (
          <p class="empty">Waiting for the first state from Flowloom…</p>
        ) : (
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
              choose={setChosen}
            />
          </>
        )}
      </main>
      {chosen !== undefined && (
        <FlowDetail live={live} connection={connection} id={chosen} close={() => setChosen(undefined)} />
      )}
    </div>
  );
}
