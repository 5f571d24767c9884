/** The firewall: its zones, rules and policies with what they counted, and what it logs. */
import { useState } from 'preact/hooks';
import { EventLog } from './event-log.tsx';
import type { Live } from './live.ts';
import { RuleTable } from './rule-table.tsx';
import { rulesOf } from './rules.ts';
import { Section } from './section.tsx';
import type { RuleStatus, Snapshot } from './wire.ts';

interface Props {
  live: Live;
  status: Snapshot;
  chosen: string | undefined;
  choose(id: string | undefined): void;
}

const EXAMPLE = `firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  policy:
    - loc to net accept
    - all to all reject log
  rules:
    - accept ssh from net to fw`;

/** Of more rules than these some are chosen by words, and what stands below them is far away. */
const MANY = 20;

export function FirewallView({ live, status, chosen, choose }: Props) {
  const [text, setText] = useState('');
  const rules = rulesOf(live, 'firewall');
  const policies = rulesOf(live, 'policy');
  if (status.zones.length === 0 && rules.length === 0 && policies.length === 0) {
    return live.known.has('rules') ? (
      <div class="card empty-state">
        <p>The file has no firewall: everything that is routed passes. One begins like this:</p>
        <pre>{EXAMPLE}</pre>
      </div>
    ) : null;
  }
  const isLong = rules.length > MANY;
  const words = text.toLowerCase().split(/\s+/);
  const shown = rules.filter((rule) => words.every((word) => rule.text.toLowerCase().includes(word)));
  const table = (label: string, of: RuleStatus[]) => (
    <RuleTable live={live} label={label} rules={of} chosen={chosen} choose={choose} />
  );
  return (
    <>
      <section class="apps" aria-label="Zones">
        {status.zones.map(({ name, members, source }) => (
          <span class="segment" key={name} title={source} data-zone={name}>
            <b>{name}</b> {members.join(', ')}
          </span>
        ))}
        <span class="segment" title="the routers' own addresses">
          <b>fw</b> the routers themselves
        </span>
        {isLong && <Jump to={['Policies', 'Log']} />}
      </section>
      <Section
        title="Rules"
        note="the first that applies decides"
        count={rules.length}
        shown={shown.length}
        tools={
          isLong && (
            <input
              type="search"
              aria-label="Filter the rules by text"
              placeholder="Filter: words"
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          )
        }
      >
        {rules.length > 0 && shown.length === 0 && <p class="empty">No rule has these words.</p>}
        {rules.length === 0 ? (
          <p class="empty">
            No rule: policies alone decide. Write, for example, <code>rules: [accept ssh from net to fw]</code>
          </p>
        ) : (
          table('Rules of the firewall', shown)
        )}
      </Section>
      <Section title="Policies" note="what no rule decides" count={policies.length}>
        {policies.length === 0 ? (
          <p class="empty">
            No policy: what no rule accepts is dropped. Write, for example, <code>policy: [loc to net accept]</code>
          </p>
        ) : (
          table('Policies of the firewall', policies)
        )}
      </Section>
      <EventLog
        live={live}
        app="firewall"
        rules={[...rules, ...policies]}
        chosen={chosen}
        choose={choose}
        hint="Nothing was logged yet. A rule or policy that ends in “log” tells its packets here."
      />
    </>
  );
}

/** Buttons that lead to sections further down, by their titles. */
function Jump({ to }: { to: string[] }) {
  const go = (title: string) => {
    const titles = [...document.querySelectorAll('main h2')];
    titles
      .find(({ textContent }) => textContent === title)
      ?.closest('section')
      ?.scrollIntoView();
  };
  return to.map((title) => (
    <button type="button" key={title} onClick={() => go(title)}>
      {title} ↓
    </button>
  ));
}
