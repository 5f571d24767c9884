/** Whether a value is one that a column may hold (RFC 7047 §3.2): what the server would refuse, said before it is sent. */
import type { AtomType, Integer } from './atom.ts';
import type { AnyColumnInput } from './column.ts';
import type { AtomRules, ColumnType } from './column-type.ts';
import { isUuid } from './uuid.ts';

/** What is wrong with a value for this column, in words that follow its name; undefined: nothing. */
export function columnProblem(type: ColumnType, input: AnyColumnInput): string | undefined {
  const key = (atom: unknown) => atomProblem(type.key, type.keyRules, atom);
  switch (type.kind) {
    case 'scalar':
      return key(input);
    case 'optional':
      return input === undefined ? undefined : key(input);
    case 'set':
      if (!Array.isArray(input)) return `a list of ${type.key}s was expected, found ${text(input)}`;
      if (new Set(input).size < input.length) return 'an element is given twice';
      return sizeProblem(type, input.length) ?? first(input, key);
    case 'map':
      if (!(input instanceof Map)) return `a map of ${type.key} to ${type.value} was expected, found ${text(input)}`;
      return (
        sizeProblem(type, input.size) ??
        first(input.keys(), key) ??
        first(input, ([name, atom]) => prefixed(name, atomProblem(type.value, type.valueRules, atom)))
      );
  }
}

function first<T>(items: Iterable<T>, problemOf: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = problemOf(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function prefixed(key: unknown, problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : `${text(key)}: ${problem}`;
}

function sizeProblem({ min, max }: ColumnType, size: number): string | undefined {
  if (size < min) return `at least ${min} is needed`;
  return size > max ? `${size} are more than the ${max} that may be` : undefined;
}

function atomProblem(type: AtomType, rules: AtomRules, atom: unknown): string | undefined {
  if (!isOfType(type, atom)) return `${type} expected, found ${text(atom)}`;
  if (rules.enum !== undefined) {
    return rules.enum.some((word) => word === atom) ? undefined : `${text(atom)} is none of ${rules.enum.join(', ')}`;
  }
  if (type === 'string') return rangeProblem([...String(atom)].length, rules.minLength, rules.maxLength, 'characters');
  if (type === 'integer') return rangeProblem(atom as Integer, rules.minInteger, rules.maxInteger);
  return type === 'real' ? rangeProblem(atom as number, rules.minReal, rules.maxReal) : undefined;
}

function isOfType(type: AtomType, atom: unknown): boolean {
  switch (type) {
    case 'integer':
      if (typeof atom !== 'bigint' && !Number.isInteger(atom)) return false;
      return BigInt.asIntN(64, BigInt(atom as Integer)) === BigInt(atom as Integer);
    case 'real':
      return Number.isFinite(atom);
    case 'uuid':
      return typeof atom === 'string' ? isUuid(atom) : typeof atom === 'object' && atom !== null && 'named' in atom;
    default:
      return typeof atom === type;
  }
}

function rangeProblem(value: Integer, least: number | undefined, most: number | undefined, unit = '') {
  const given = unit === '' ? String(value) : `${value} ${unit}`;
  if (least !== undefined && most !== undefined && (value < least || value > most))
    return `${given}: from ${least} to ${most} is allowed`;
  if (least !== undefined && value < least) return `${given}: at least ${least} is needed`;
  return most !== undefined && value > most ? `${given}: at most ${most} is allowed` : undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : String(value);
}
