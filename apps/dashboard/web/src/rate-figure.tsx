/** The chart of a rate: since the page was opened, or what Flowloom has kept of it, up to a day. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { createRateChart, type RateChart } from './chart.ts';
import type { Connection } from './connection.ts';
import type { Series } from './history.ts';
import { useClock } from './live.ts';
import type { CounterHistory } from './wire.ts';

interface Props {
  connection: Connection;
  /** The row's, that it is drawn anew for another. */
  id: string;
  /** What the first span is called: `This flow`. */
  title: string;
  /** Since the page was opened. */
  live: Series | undefined;
  /** Of an intent, whose history is asked for; undefined: there is none to ask for. */
  counter: string | undefined;
}

/** What the chart can show: what passed here, or what the intent has kept in steps of so many seconds. */
const KEPT = [
  { name: 'Intent, 2 minutes', step: 1 },
  { name: '1 hour', step: 10 },
  { name: '1 day', step: 60 },
] as const;

const NOTHING: Series = { times: [], packetRates: [], bitRates: [] };

export function RateFigure({ connection, id, title, live, counter }: Props) {
  const now = useClock();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<RateChart>(undefined);
  const [step, setStep] = useState<number>();
  const kept = useIntentHistory(connection, counter, step);
  const series = step === undefined ? live : kept;

  useEffect(() => {
    if (place.current === null) return;
    const made = createRateChart(place.current);
    chart.current = made;
    return () => made.destroy();
  }, [id]);

  useEffect(() => chart.current?.show(series, Date.now()));

  return (
    <figure>
      <div class="spans">
        {counter !== undefined &&
          [{ name: title, step: undefined }, ...KEPT].map((one) => (
            <button key={one.name} type="button" aria-pressed={one.step === step} onClick={() => setStep(one.step)}>
              {one.name}
            </button>
          ))}
      </div>
      <div class="chart" ref={place} data-points={series?.times.length ?? 0} />
      <figcaption class="note">{describeSpan(series, step, now)}</figcaption>
    </figure>
  );
}

/** The history of an intent, asked for again as it goes on. */
function useIntentHistory(connection: Connection, counter: string | undefined, step: number | undefined) {
  const [series, setSeries] = useState<Series>();
  useEffect(() => {
    setSeries(undefined);
    if (counter === undefined || step === undefined) return;
    let ended = false;
    const ask = async () => {
      const answer = await connection.get<CounterHistory>(`counters/history?of=intent&id=${counter}&step=${step}`);
      if (!ended) setSeries(answer === undefined ? NOTHING : seriesOf(answer));
    };
    void ask();
    const timer = setInterval(ask, Math.max(step, 2) * 1_000);
    return () => {
      ended = true;
      clearInterval(timer);
    };
  }, [connection, counter, step]);
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

function describeSpan(series: Series | undefined, step: number | undefined, now: number): string {
  if (step !== undefined)
    return series === undefined ? 'Asking …' : `All flows of this intent, on all switches; steps of ${step} s`;
  if (series === undefined) return 'No packet since this page was opened.';
  return `Since ${new Date(series.times[0] ?? now).toLocaleTimeString('en-GB')}, up to 15 minutes`;
}
