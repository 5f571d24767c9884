/** `flowloom/testing`: what tests of apps need, without a switch and without root. */

export { type DeclaredOptions, declared } from './declared.ts';
