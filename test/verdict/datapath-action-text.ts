/** The text of a datapath's actions, as Open vSwitch prints them (ovs-actions(7), odp-util): words with what is in their brackets. */

export interface DatapathAction {
  /** `output` for a port's number alone. */
  name: string;
  /** What is in the brackets, or the port. */
  body: string;
}

/** Parts between commas that are in no brackets. */
export function partsOf(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === '(') depth++;
    else if (letter === ')') depth--;
    else if (letter === ',' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  if (start < text.length) parts.push(text.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

export function parseDatapathActions(text: string): DatapathAction[] {
  return partsOf(text).map((part) => {
    const open = part.indexOf('(');
    if (/^\d+$/.test(part)) return { name: 'output', body: part };
    if (open < 0) return { name: part, body: '' };
    return { name: part.slice(0, open), body: part.slice(open + 1, part.lastIndexOf(')')) };
  });
}

/** `a=1,b=2/0xff` as a map; what has no value is left out. */
export function valuesIn(body: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const part of partsOf(body)) {
    const equals = part.indexOf('=');
    if (equals > 0) values.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  return values;
}

/** The brackets that follow a name among parts: `gt(…)`, `actions(…)`. */
export function bracketsOf(body: string, name: string): string | undefined {
  const part = partsOf(body).find((each) => each.startsWith(`${name}(`));
  return part?.slice(name.length + 1, part.lastIndexOf(')'));
}
