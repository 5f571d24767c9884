// One way to write numbers and addresses, so that two texts of the same actions are the same text.
import { numberOf } from './printed-match.ts';

const MAC = /\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g;
const IPV6 = /[0-9a-f]*(?::[0-9a-f]*)*::[0-9a-f:.]*|(?:[0-9a-f]+:){7}[0-9a-f]+/g;
const IPV4 = /\b\d+\.\d+\.\d+\.\d+\b/g;
const NUMBER = /(?<![.\w])(0x[0-9a-f]+|\d+)\b/g;

/** Lower case, single blanks; `set_field:` and `load:` cut off their values; every number and address in decimal. */
export function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/\b(set_field|load):/g, '$1 ')
    .replace(MAC, (address) => String(numberOf(address).number))
    .replace(IPV6, (address) => String(numberOf(address).number))
    .replace(IPV4, (address) => String(numberOf(address).number))
    .replace(NUMBER, (number) => String(BigInt(number)))
    .trim();
}
