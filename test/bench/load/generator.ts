// The load generator as a process of its own: `node generator.ts JSON`, LoadOptions in, one line of LoadResult out.
import { type LoadOptions, load } from './load.ts';

try {
  process.stdout.write(`${JSON.stringify(await load(JSON.parse(process.argv[2] ?? '{}') as LoadOptions))}\n`);
} catch (error) {
  process.stderr.write(`the load generator: ${(error as Error).message}\n`);
  process.exit(1);
}
