/** Everything of RFC 7047's values that programs use by name. */
export * from './atom.ts';
export * from './check.ts';
export * from './column.ts';
export * from './column-type.ts';
export * from './condition.ts';
export * from './definition.ts';
export * from './error.ts';
export * from './json.ts';
export * from './monitor.ts';
export * from './mutation.ts';
export * from './operation.ts';
export * from './reported-columns.ts';
export * from './row.ts';
export * from './row-reader.ts';
export * from './schema.ts';
export * from './uuid.ts';
export * from './vswitch.ts';
