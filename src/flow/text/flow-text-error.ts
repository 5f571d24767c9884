/** What is wrong in a flow's text: at which column, and what would be right there. The one error of the parser. */

/** How much of a long text is shown on each side of the column. */
const AROUND = 60;

export class FlowTextError extends Error {
  /** From 1, in the whole text. */
  readonly column: number;
  /** The message, and under it the text with a caret at the column. */
  readonly explained: string;

  constructor(problem: string, text: string, column: number) {
    super(`flow text, column ${column}: ${problem}`);
    this.name = 'FlowTextError';
    this.column = column;
    this.explained = `${this.message}\n${pointed(text, column)}`;
  }
}

/** The text, and under it a caret at the column; of a long one, what is around it. */
export function pointed(text: string, column: number): string {
  const start = Math.max(0, column - 1 - AROUND);
  const shown = text.slice(start, column - 1 + AROUND).replace(/\s/g, ' ');
  return `  ${shown}\n  ${' '.repeat(column - 1 - start)}^`;
}
