/** Reads `nat`: what becomes of addresses at the interfaces of routers, in order. */

import type { Findings } from '../findings.ts';
import type { Bridge, NatRule, Router } from '../model.ts';
import type { Path } from '../path.ts';
import type { FileForm } from '../schema-file.ts';
import { checkOrder } from './covered.ts';
import { readForward } from './forward.ts';
import { readOneToOne } from './one-to-one.ts';
import type { RuleReader } from './rule-reader.ts';
import type { RuleForm } from './schema.ts';
import { readSentence, sentenceOf } from './sentences.ts';
import { readExemption, readSourceNat } from './source-nat.ts';
import { checkStations, type Placed } from './stations.ts';

interface Scope {
  routers: readonly Router[];
  bridges: readonly Bridge[];
}

export function readNat(form: FileForm, { routers, bridges }: Scope, findings: Findings): NatRule[] {
  const entries = form.nat ?? [];
  if (entries.length > 0 && findings.declared('routers').size === 0) {
    findings.problem(['nat'], '`nat` needs a router, and the file has none', 'add one under `routers`', 'key');
    return [];
  }
  const rules: Placed[] = [];
  entries.forEach((entry, i) => {
    const path: Path = ['nat', i];
    const given = typeof entry === 'string' ? readSentence(entry, path, findings) : entry;
    if (given === undefined) return;
    const rule = readRule(given, {
      text: typeof entry === 'string' ? entry.trim().replace(/\s+/g, ' ') : sentenceOf(given),
      path,
      at: (key) => (typeof entry === 'string' ? path : [...path, key]),
      routers,
      findings,
    });
    if (rule !== undefined) rules.push({ rule, path });
  });
  const kept = checkOrder(rules, routers, findings);
  checkStations(kept, { routers, bridges }, findings);
  return kept.map(({ rule }) => rule);
}

function readRule(given: RuleForm, reader: RuleReader): NatRule | undefined {
  if ('forward' in given) return readForward(given, reader);
  if ('one-to-one' in given) return readOneToOne(given, reader);
  if ('exempt' in given) return readExemption(given, reader);
  return readSourceNat(given, reader);
}
