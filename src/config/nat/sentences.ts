/** NAT rules as sentences ⇄ their object forms. */

import type { z } from 'zod';
import { suggestion } from '../../text/suggest.ts';
import type { Findings } from '../findings.ts';
import type { Path } from '../path.ts';
import { type Grammar, readWords } from '../short-form.ts';
import { exemptForm, forwardForm, masqueradeForm, oneToOneForm, type RuleForm, snatForm } from './schema.ts';

interface Sentence extends Grammar {
  schema: z.ZodType<RuleForm>;
  parse?: typeof forwardWords;
}

const SENTENCES: Record<string, Sentence> = {
  exempt: {
    form: 'exempt PREFIX [to PREFIX] out ROUTER/INTERFACE',
    example: 'exempt 10.66.66.0/24 to 10.9.0.0/16 out edge/net',
    schema: exemptForm,
  },
  masquerade: {
    form: 'masquerade PREFIX out ROUTER/INTERFACE [ports FIRST-LAST]',
    example: 'masquerade 10.66.66.0/24 out edge/net',
    schema: masqueradeForm,
  },
  snat: {
    form: 'snat PREFIX to ADDRESS out ROUTER/INTERFACE [ports FIRST-LAST]',
    example: 'snat 10.66.66.0/24 to 203.0.113.10 out edge/net',
    schema: snatForm,
  },
  forward: {
    form: 'forward tcp|udp ADDRESS:PORT [from PREFIX] to ADDRESS[:PORT]',
    example: 'forward tcp 203.0.113.10:80 to 10.66.66.67:8080',
    schema: forwardForm,
    parse: forwardWords,
  },
  'one-to-one': {
    form: 'one-to-one PUBLIC with INSIDE',
    example: 'one-to-one 203.0.113.10 with 10.66.66.67',
    schema: oneToOneForm,
  },
};
/** What others call them. */
const ELSEWHERE: Readonly<Record<string, string>> = { dnat: 'forward', redirect: 'forward', masq: 'masquerade' };

export function readSentence(sentence: string, path: Path, findings: Findings): RuleForm | undefined {
  const verb = sentence.trim().split(/\s+/)[0] ?? '';
  const known = Object.hasOwn(SENTENCES, verb) ? SENTENCES[verb] : undefined;
  if (known === undefined) {
    const meant = ELSEWHERE[verb.toLowerCase()];
    const fix = meant === undefined ? suggestion(verb, Object.keys(SENTENCES)) : `did you mean \`${meant}\`?`;
    findings.problem(path, `unknown NAT rule \`${verb}\``, fix);
    return undefined;
  }
  const { schema, parse = keywordPairs(known.form) } = known;
  return readWords(sentence, known, parse, schema, path, findings);
}

/** Keyword and value by turns; the schema sees to those that are missing or too many. */
function keywordPairs(grammar: string): (words: readonly string[]) => Record<string, string> | undefined {
  const keywords = grammar.split(/[^a-z-]+/).filter((word) => /^[a-z]/.test(word));
  return (words) => {
    const object: Record<string, string> = {};
    for (let i = 0; i < words.length; i += 2) {
      const keyword = words[i]!;
      const value = words[i + 1];
      if (!keywords.includes(keyword) || value === undefined || keyword in object) return undefined;
      object[keyword] = value;
    }
    return object;
  };
}

function forwardWords(words: readonly string[]): Record<string, string> | undefined {
  const [forward = '', protocol = '', address = '', ...rest] = words;
  const pairs = keywordPairs('from PREFIX to ADDRESS')(rest);
  return pairs && { [forward]: protocol, address, ...pairs };
}

/** The keys of a form come in the order of its schema. */
export function sentenceOf(form: RuleForm): string {
  return Object.entries(form)
    .filter(([key, value]) => value !== undefined && !(key === 'ports' && value === '1024-65535'))
    .map(([key, value]) => (key === 'address' ? value : `${key} ${value}`))
    .join(' ');
}
