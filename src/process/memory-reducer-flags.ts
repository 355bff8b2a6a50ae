/** Returns whether a flag of the command line concerns V8's memory reducer, or does not allow changes of flags. */
export const concernsMemoryReducer = (flag: string): boolean =>
  /^--?(no[-_]?)?(gc[-_]?)?memory[-_]reducer|freeze[-_]flags/.test(flag);
