/** What start-up has to say about declarations, in words for their author. */
export interface Findings {
  /** Each of these stops the start. */
  readonly problems: string[];
  /** Each of these is logged once: it works here, but not with the client that it names. */
  readonly warnings: string[];
}

export const noFindings = (): Findings => ({ problems: [], warnings: [] });

/** Adds findings, each with the name of the declaration that it is about. */
export function addFindings(all: Findings, { problems, warnings }: Findings, name: string): void {
  all.problems.push(...problems.map((problem) => `${name}: ${problem}`));
  all.warnings.push(...warnings.map((warning) => `${name}: ${warning}`));
}
