/** The whole page: header, the chosen view, and the panel of what is chosen in it. */
import { useEffect, useState } from 'preact/hooks';
import type { Connection } from './connection.ts';
import { FirewallView } from './firewall-view.tsx';
import { FlowDetail } from './flow-detail.tsx';
import { Header } from './header.tsx';
import { LeaseView } from './lease-view.tsx';
import { type Live, useLive } from './live.ts';
import { NatView } from './nat-view.tsx';
import { NetworkView } from './network-view.tsx';
import { RouterView } from './router-view.tsx';
import { RuleDetail } from './rule-detail.tsx';
import { TokenForm } from './token-form.tsx';
import { useView, type View } from './views.ts';
import type { Snapshot } from './wire.ts';

export function Page({ live, connection }: { live: Live; connection: Connection }) {
  useLive(live);
  const view = useView();
  /** Of the network a flow's id, of the firewall and NAT a rule's. */
  const [chosen, setChosen] = useState<string>();
  const { status } = live;

  useEffect(() => {
    connection.watch(view.topics);
    setChosen(undefined);
  }, [connection, view]);

  if (live.connection.phase === 'token-wanted') {
    return <TokenForm refused={live.connection.refused} use={connection.useToken} />;
  }
  const close = () => setChosen(undefined);
  const Detail = view.name === 'network' ? FlowDetail : RuleDetail;
  return (
    <div class={chosen === undefined ? 'page' : 'page with-detail'}>
      <Header status={status} state={live.connection} view={view} retry={connection.retry} />
      <main class={live.connection.phase === 'lost' ? 'stale' : ''}>
        {status === undefined ? (
          <p class="empty">Waiting for the first state from Flowloom…</p>
        ) : (
          <Shown view={view} live={live} status={status} chosen={chosen} choose={setChosen} />
        )}
      </main>
      {chosen !== undefined && <Detail live={live} connection={connection} id={chosen} close={close} />}
    </div>
  );
}

interface Props {
  view: View;
  live: Live;
  status: Snapshot;
  chosen: string | undefined;
  choose(id: string | undefined): void;
}

function Shown({ view, ...props }: Props) {
  switch (view.name) {
    case 'network':
      return <NetworkView {...props} />;
    case 'firewall':
      return <FirewallView {...props} />;
    case 'nat':
      return <NatView {...props} />;
    case 'routers':
      return <RouterView live={props.live} />;
    case 'leases':
      return <LeaseView live={props.live} />;
  }
}
