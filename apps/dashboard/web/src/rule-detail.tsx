/** The panel of one rule: where it stands, what it counted, what of it was refused, and the chart of its rate. */
import type { Connection } from './connection.ts';
import { Detail } from './detail.tsx';
import { formatCount, plural } from './format.ts';
import { Lines } from './lines.tsx';
import type { Live } from './live.ts';
import { RateFigure } from './rate-figure.tsx';
import type { RuleStatus } from './wire.ts';

interface Props {
  live: Live;
  connection: Connection;
  id: string;
  close(): void;
}

export function RuleDetail({ live, connection, id, close }: Props) {
  const rule = live.rows.rules.get(id);
  const series = live.history.series(id);
  const counter = rule?.counter ?? undefined;
  return (
    <Detail
      label="Chosen rule"
      id={id}
      close={close}
      text={rule === undefined ? <p>This rule is gone from the file.</p> : <RuleText rule={rule} />}
      figure={<RateFigure connection={connection} id={id} title="This page" live={series} counter={counter} />}
    />
  );
}

function RuleText({ rule }: { rule: RuleStatus }) {
  return (
    <>
      <h2>{rule.text}</h2>
      <dl>
        <dt>Line</dt>
        <dd>
          <code>{rule.source}</code>
        </dd>
        <dt>Counted</dt>
        <dd>
          {formatCount(rule.packets)} packets, {formatCount(rule.bytes)} bytes
        </dd>
        <dt>Last hit</dt>
        <dd>{rule.lastHit === null ? 'not since Flowloom looks' : new Date(rule.lastHit).toLocaleString('en-GB')}</dd>
        <dt>Flows</dt>
        <dd>
          {plural(rule.flows, 'flow')}
          {rule.switches.length > 0 && ` on ${rule.switches.join(', ')}`}
        </dd>
      </dl>
      <Lines kind="error" title="Refused" lines={rule.problems} />
    </>
  );
}
