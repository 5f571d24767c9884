/** The panel of one flow: its whole text, and the chart of its rate since the page was opened. */
import { useEffect, useRef } from 'preact/hooks';
import { AppName } from './app-name.tsx';
import { createRateChart, type RateChart } from './chart.ts';
import { formatCount } from './format.ts';
import { type Live, useClock } from './live.ts';

interface Props {
  live: Live;
  id: string;
  close(): void;
}

export function FlowDetail({ live, id, close }: Props) {
  const flow = live.flows.get(id);
  const now = useClock();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<RateChart>(undefined);
  const series = live.history.series(id);

  useEffect(() => {
    if (place.current === null) return;
    const made = createRateChart(place.current);
    chart.current = made;
    return () => made.destroy();
  }, [id]);

  useEffect(() => chart.current?.show(live.history.series(id), Date.now()));

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
        <div class="chart" ref={place} data-points={series?.times.length ?? 0} />
        <figcaption class="note">
          {series === undefined
            ? 'No packet since this page was opened.'
            : `Since ${new Date(series.times[0] ?? now).toLocaleTimeString('en-GB')}, up to 15 minutes`}
        </figcaption>
      </figure>
    </aside>
  );
}
