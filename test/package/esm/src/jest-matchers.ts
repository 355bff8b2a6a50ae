import type { AerieMatchers } from 'aerie-mcp/testing';

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>> extends AerieMatchers<R> {}
}
