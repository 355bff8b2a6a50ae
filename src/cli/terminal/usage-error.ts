/** Thrown when the command line is invalid; the message describes the problem. */
export class UsageError extends Error {}
