// The same random values in every run of the tests: a failure comes again. FLOWLOOM_SEED=N tries others.
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.FLOWLOOM_SEED ?? 1) });
