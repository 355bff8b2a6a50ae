/** What start-up has to say about declarations, in words for their author. */
export interface Findings {
  /** Each of these stops the start. */
  readonly problems: string[];
  /** Each of these is logged once: it works here, but not with the client that it names. */
  readonly warnings: string[];
}

export const noFindings = (): Findings => ({ problems: [], warnings: [] });

/**
 * Adds findings about a declaration, each with its name: a problem with that of the code, a warning with that which
 * clients know.
 */
export function addFindings(
  all: Findings,
  { problems, warnings }: Findings,
  { ofProblems, ofWarnings }: { readonly ofProblems: string; readonly ofWarnings: string },
): void {
  all.problems.push(...problems.map((problem) => `${ofProblems}: ${problem}`));
  all.warnings.push(...warnings.map((warning) => `${ofWarnings}: ${warning}`));
}
