// An end of the set-up that the user can mend: what is wrong, and what to do about it.
export class Refusal extends Error {
  constructor(message, remedy) {
    super(message);
    this.remedy = remedy;
  }
}

/** The last lines of a failed command's output: what it said, without the pages before it. */
export function lastLines(result, count) {
  const text = `${result.stdout || ''}\n${result.stderr || ''}`.trim();
  return text
    .split('\n')
    .slice(-count)
    .map((line) => `    ${line}`)
    .join('\n');
}
