/** `npm run fault`: kill -9 at every step of a reconfiguration that has a name, on real Open vSwitch with real traffic. */

process.env.FLOWLOOM_FAULT = 'all';
process.argv.splice(2, Number.POSITIVE_INFINITY, 'kill');
await import('../lab/main.ts');
