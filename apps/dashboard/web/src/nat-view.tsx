/** Address translation: the rules with what they counted, and what NAT tells. */
import { EventLog } from './event-log.tsx';
import type { Live } from './live.ts';
import { RuleTable } from './rule-table.tsx';
import { rulesOf, sidesOf } from './rules.ts';
import { Section } from './section.tsx';

interface Props {
  live: Live;
  chosen: string | undefined;
  choose(id: string | undefined): void;
}

const EXAMPLE = `nat:
  - masquerade 10.66.66.0/24 out edge/net
  - forward tcp 10.88.88.66:8800 to 10.66.66.67:80`;

export function NatView({ live, chosen, choose }: Props) {
  const rules = rulesOf(live, 'nat');
  if (rules.length === 0) {
    return live.known.has('rules') ? (
      <div class="card empty-state">
        <p>The file translates no addresses. Rules look like this:</p>
        <pre>{EXAMPLE}</pre>
      </div>
    ) : null;
  }
  return (
    <>
      <Section title="NAT" note="the first that applies decides" count={rules.length}>
        <RuleTable live={live} label="Rules of NAT" rules={rules} chosen={chosen} choose={choose} sides={sidesOf} />
      </Section>
      <EventLog
        live={live}
        app="nat"
        rules={rules}
        chosen={chosen}
        choose={choose}
        hint="NAT has told nothing: no range of ports was exhausted."
      />
    </>
  );
}
