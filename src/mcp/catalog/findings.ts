/** Problems and warnings about declarations, addressed to their author. */
export interface Findings {
  /** Any problem makes startup fail. */
  readonly problems: string[];
  /** Each warning is logged once. The declaration works, but not with the client that the warning names. */
  readonly warnings: string[];
}

export const noFindings = (): Findings => ({ problems: [], warnings: [] });

/**
 * Adds the findings of a declaration, each prefixed with its name. Problems use the name in code, warnings the name
 * that clients see.
 */
export function addFindings(
  all: Findings,
  { problems, warnings }: Findings,
  { ofProblems, ofWarnings }: { readonly ofProblems: string; readonly ofWarnings: string },
): void {
  all.problems.push(...problems.map((problem) => `${ofProblems}: ${problem}`));
  all.warnings.push(...warnings.map((warning) => `${ofWarnings}: ${warning}`));
}
