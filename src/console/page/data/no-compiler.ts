/**
 * In place of `effect/schema/SchemaJITCompiler`: schemas are interpreted. Compiling them needs `new Function`, which the
 * Content-Security-Policy of the page forbids.
 */
export const enable = (): void => undefined;
