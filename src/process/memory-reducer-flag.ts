/** Flag of V8 for the time from a full collection until its memory reducer begins, as the programs set it. */
const FLAG = '--gc-memory-reducer-start-delay-ms=600000';

/** Returns the flags that the memory reducer needs: none if the command line of this process has that flag. */
export const memoryReducerFlags = (): string[] =>
  process.execArgv.some((flag) => /^--?gc[-_]memory[-_]reducer[-_]start[-_]delay[-_]ms\b/.test(flag))
    ? []
    : [FLAG];
