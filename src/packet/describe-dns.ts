/** A DNS message in words: what is asked, and the first of what is answered. */

import type { DnsMessage } from './dns.ts';
import { DNS_TYPE, type DnsRecord } from './dns-record.ts';

/** RFC 1035 4.1.1; 0 is no error. */
const RESPONSE_NAMES = ['', 'format error', 'server failure', 'no such name', 'not implemented', 'refused'];

export function describeDns({ response, responseCode, questions, answers }: DnsMessage): string {
  const asked = questions[0] === undefined ? '' : ` ${typeName(questions[0].type)} ${questions[0].name}`;
  if (!response) return `query${asked}`;
  if (responseCode !== 0) return `answer${asked}: ${RESPONSE_NAMES[responseCode] ?? `error ${responseCode}`}`;
  const [first] = answers;
  if (first === undefined) return `answer${asked}: none`;
  const more = answers.length === 1 ? '' : ` and ${answers.length - 1} more`;
  return `answer${asked}: ${recordText(first)}${more}`;
}

function recordText({ type, address, target, data }: DnsRecord): string {
  const value = address ?? target;
  if (value !== undefined) return value;
  return `${typeName(type)}${data === undefined ? '' : ` of ${data.length} bytes`}`;
}

function typeName(type: number): string {
  const [name] = Object.entries(DNS_TYPE).find(([, value]) => value === type) ?? [];
  return name?.toUpperCase() ?? `type ${type}`;
}
