/** Commands that a page shows, with what it says that they print. */

export interface Step {
  command: string[];
  /** `…` stands for anything; alone on its line for any lines. */
  output: string;
}

export function stepsOf(page: string): Step[] {
  return [...page.matchAll(/```console\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((step) => {
        const [first = '', ...lines] = step.split('\n');
        return { command: first.split(' '), output: lines.join('\n') };
      }),
  );
}

/** Blanks between columns are as wide as the widest cell, and a page is narrower. */
export function patternOf(output: string): RegExp {
  const lines = output.split('\n').map((line) => {
    if (line === '…') return '[\\s\\S]*';
    const parts = line.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/ +/g, ' +'));
    return parts.join('.*');
  });
  return new RegExp(`^${lines.join('\n').replaceAll('[\\s\\S]*\n', '[\\s\\S]*')}$`);
}
