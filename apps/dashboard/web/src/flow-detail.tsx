/** The panel of one flow: its whole text, and the chart of its rate since the page was opened, or of all its intent's flows. */
import { AppName } from './app-name.tsx';
import type { Connection } from './connection.ts';
import { Detail } from './detail.tsx';
import { formatCount } from './format.ts';
import type { Live } from './live.ts';
import { RateFigure } from './rate-figure.tsx';
import type { FlowStatus } from './wire.ts';

interface Props {
  live: Live;
  connection: Connection;
  id: string;
  close(): void;
}

export function FlowDetail({ live, connection, id, close }: Props) {
  const flow = live.flows.get(id);
  const counter = flow?.app == null ? undefined : flow.cookie;
  const series = live.history.series(id);
  return (
    <Detail
      label="Chosen flow"
      id={id}
      close={close}
      text={flow === undefined ? <p>This flow is gone from its switch.</p> : <FlowText flow={flow} />}
      figure={<RateFigure connection={connection} id={id} title="This flow" live={series} counter={counter} />}
    />
  );
}

function FlowText({ flow }: { flow: FlowStatus }) {
  return (
    <>
      <h2>
        <AppName name={flow.app} /> {flow.intent ?? 'Not of this Flowloom'}
      </h2>
      <dl>
        <dt>Where</dt>
        <dd>
          {flow.switch}, table {flow.table}
          {flow.tableName !== `${flow.table}` && ` (${flow.tableName})`}, priority {flow.priority}
        </dd>
        <dt>Match</dt>
        <dd>
          <code>{flow.match === '' ? 'everything' : flow.match}</code>
        </dd>
        <dt>Actions</dt>
        <dd>
          <code>{flow.actions === '' ? 'drop' : flow.actions}</code>
        </dd>
        {flow.source !== null && (
          <>
            <dt>Source</dt>
            <dd>
              <code>{flow.source}</code>
            </dd>
          </>
        )}
        <dt>Cookie</dt>
        <dd>
          <code>{flow.cookie}</code>
        </dd>
        <dt>Counted</dt>
        <dd>
          {formatCount(flow.packets)} packets, {formatCount(flow.bytes)} bytes
        </dd>
      </dl>
    </>
  );
}
