/** The panel of one flow: its whole text, and the chart of its rate since the page was opened, or of all its intent's flows. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { AppName } from './app-name.tsx';
import { createRateChart, type RateChart } from './chart.ts';
import type { Connection } from './connection.ts';
import { formatCount } from './format.ts';
import type { Series } from './history.ts';
import { type Live, useClock } from './live.ts';
import type { CounterHistory } from './wire.ts';

interface Props {
  live: Live;
  connection: Connection;
  id: string;
  close(): void;
}

/** What the chart can show: this flow, or what its intent has kept in steps of so many seconds. */
const SPANS = [
  { name: 'This flow', step: undefined },
  { name: 'Intent, 2 minutes', step: 1 },
  { name: '1 hour', step: 10 },
  { name: '1 day', step: 60 },
] as const;
type Span = (typeof SPANS)[number];

const NOTHING: Series = { times: [], packetRates: [], bitRates: [] };

/** The history of an intent, asked for again as it goes on. */
function useIntentHistory(connection: Connection, cookie: string | undefined, step: number | undefined) {
  const [series, setSeries] = useState<Series>();
  useEffect(() => {
    setSeries(undefined);
    if (cookie === undefined || step === undefined) return;
    let ended = false;
    const ask = async () => {
      const answer = await connection.get<CounterHistory>(`counters/history?of=intent&id=${cookie}&step=${step}`);
      if (!ended) setSeries(answer === undefined ? NOTHING : seriesOf(answer));
    };
    void ask();
    const timer = setInterval(ask, Math.max(step, 2) * 1_000);
    return () => {
      ended = true;
      clearInterval(timer);
    };
  }, [connection, cookie, step]);
  return series;
}

function seriesOf({ from, step, rates }: CounterHistory): Series {
  const { packets = [], bytes = [] } = rates;
  return {
    times: packets.map((_, index) => from + (index + 1) * step * 1_000),
    packetRates: packets,
    bitRates: bytes.map((rate) => rate * 8),
  };
}

export function FlowDetail({ live, connection, id, close }: Props) {
  const flow = live.flows.get(id);
  const now = useClock();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<RateChart>(undefined);
  const [span, setSpan] = useState<Span>(SPANS[0]);
  const kept = useIntentHistory(connection, flow?.cookie, span.step);
  const series = span.step === undefined ? live.history.series(id) : kept;

  useEffect(() => {
    if (place.current === null) return;
    const made = createRateChart(place.current);
    chart.current = made;
    return () => made.destroy();
  }, [id]);

  useEffect(() => chart.current?.show(series, Date.now()));

  useEffect(() => {
    const closeByKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') close();
    };
    addEventListener('keydown', closeByKey);
    return () => removeEventListener('keydown', closeByKey);
  }, [close]);

  return (
    <aside class="detail" aria-label="Chosen flow" data-chart={id}>
      <div class="text">
        <button type="button" class="close" aria-label="Close" onClick={close}>
          ×
        </button>
        {flow === undefined ? (
          <p>This flow is gone from its switch.</p>
        ) : (
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
        )}
      </div>
      <figure>
        <div class="spans">
          {flow?.app != null &&
            SPANS.map((one) => (
              <button key={one.name} type="button" aria-pressed={one === span} onClick={() => setSpan(one)}>
                {one.name}
              </button>
            ))}
        </div>
        <div class="chart" ref={place} data-points={series?.times.length ?? 0} />
        <figcaption class="note">{describeSpan(series, span, now)}</figcaption>
      </figure>
    </aside>
  );
}

function describeSpan(series: Series | undefined, { step }: Span, now: number): string {
  if (step !== undefined)
    return series === undefined ? 'Asking …' : `All flows of this intent, on all switches; steps of ${step} s`;
  if (series === undefined) return 'No packet since this page was opened.';
  return `Since ${new Date(series.times[0] ?? now).toLocaleTimeString('en-GB')}, up to 15 minutes`;
}
