/** Tools that a client wants, of those that its user may use. */
export interface ToolSelection {
  /** Groups of the tools; undefined for all tools. */
  readonly groups: ReadonlySet<string> | undefined;
  /** Whether the client searches tools instead of listing all of them. */
  readonly isSearching: boolean;
}
