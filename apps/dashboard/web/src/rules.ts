/** The rules that a view shows, in the order of the file. */
import type { Live } from './live.ts';
import type { EventStatus, RuleStatus } from './wire.ts';

export function rulesOf(live: Live, kind: RuleStatus['kind']): RuleStatus[] {
  return [...live.rows.rules.values()]
    .filter((rule) => rule.kind === kind)
    .sort((one, other) => numberOf(one.source) - numberOf(other.source));
}

function numberOf(source: string): number {
  return Number(/:(\d+)(?::\d+)?$/.exec(source)?.[1] ?? 0);
}

/** Whether an event tells of the rule: an app says which in the event's fields. */
export function isOf(event: EventStatus, rule: RuleStatus): boolean {
  return event.fields.source === rule.source && (event.fields.rule ?? rule.text) === rule.text;
}

/** What stands for a rule of NAT outside, and inside: from its words. */
export function sidesOf({ text }: RuleStatus): { outside: string; inside: string } {
  const words = text.split(/\s+/);
  const after = (word: string) => words[words.indexOf(word) + 1] ?? '';
  switch (words[0]) {
    case 'masquerade':
      return { outside: after('out'), inside: after('masquerade') };
    case 'snat':
      return { outside: after('to'), inside: after('snat') };
    case 'forward':
      return { outside: `${words[1]} ${words[2]}`, inside: after('to') };
    case 'one-to-one':
      return { outside: after('one-to-one'), inside: after('with') };
    default:
      return { outside: 'as it is', inside: after(words[0] ?? '') };
  }
}
