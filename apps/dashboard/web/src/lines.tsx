/** What needs somebody's attention, one line each: errors, what is waited for, warnings. */

export function Lines({
  kind,
  title,
  lines,
}: {
  kind: 'error' | 'waiting' | 'warning';
  title: string;
  lines: string[];
}) {
  if (lines.length === 0) return null;
  return (
    <ul class={`lines ${kind}`}>
      {lines.map((line) => (
        <li key={line}>
          <b>{title}</b> {line}
        </li>
      ))}
    </ul>
  );
}
