import type { AerieMatchers } from 'aerie-mcp/testing';

declare module 'vitest' {
  interface Matchers<
    R extends void | Promise<void> = void | Promise<void>,
    T = unknown,
  > extends AerieMatchers<R> {}
}
