/** NAT rules as sentences ⇄ their object forms. */

import type { z } from 'zod';
import { suggestion } from '../../text/suggest.ts';
import type { Findings } from '../findings.ts';
import type { Path } from '../path.ts';
import { readWords } from '../short-form.ts';
import { exemptForm, forwardForm, masqueradeForm, oneToOneForm, type RuleForm, snatForm } from './schema.ts';

const SENTENCES: Record<string, { grammar: string; schema: z.ZodType<RuleForm>; parse?: typeof forwardWords }> = {
  exempt: { grammar: 'exempt PREFIX [to PREFIX] out ROUTER/INTERFACE', schema: exemptForm },
  masquerade: {
    grammar: 'masquerade PREFIX out ROUTER/INTERFACE [ports FIRST-LAST]',
    schema: masqueradeForm,
  },
  snat: { grammar: 'snat PREFIX to ADDRESS out ROUTER/INTERFACE [ports FIRST-LAST]', schema: snatForm },
  forward: {
    grammar: 'forward tcp|udp ADDRESS:PORT [from PREFIX] to ADDRESS[:PORT]',
    schema: forwardForm,
    parse: forwardWords,
  },
  'one-to-one': { grammar: 'one-to-one PUBLIC with INSIDE', schema: oneToOneForm },
};

export function readSentence(sentence: string, path: Path, findings: Findings): RuleForm | undefined {
  const verb = sentence.trim().split(/\s+/)[0] ?? '';
  const known = Object.hasOwn(SENTENCES, verb) ? SENTENCES[verb] : undefined;
  if (known === undefined) {
    findings.problem(path, `unknown NAT rule \`${verb}\``, suggestion(verb, Object.keys(SENTENCES)));
    return undefined;
  }
  const { grammar, schema, parse = keywordPairs(grammar) } = known;
  return readWords(sentence, grammar, parse, schema, path, findings);
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
