/** A rate with the line of its last minute. */
import { formatBitRate, formatPacketRate } from './format.ts';
import { type Series, sparkline } from './history.ts';

const SPARK = { span: 60_000, width: 56, height: 18 };

interface Props {
  packetRate: number;
  bitRate: number;
  series: Series | undefined;
}

export function RateCell({ packetRate, bitRate, series }: Props) {
  return (
    <td class="rate number" data-field="packetRate" data-value={packetRate}>
      {series !== undefined && (
        <svg viewBox={`0 -1 ${SPARK.width} ${SPARK.height + 2}`} aria-hidden="true">
          <polyline points={sparkline(series, Date.now(), SPARK.span, SPARK.width, SPARK.height)} />
        </svg>
      )}
      <span>
        {packetRate === 0 ? '–' : formatPacketRate(packetRate)}
        <small>{packetRate === 0 ? '' : formatBitRate(bitRate)}</small>
      </span>
    </td>
  );
}
