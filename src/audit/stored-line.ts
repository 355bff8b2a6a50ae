/** Line as a sink stored it. */
export interface StoredLine {
  /** Location of its chain, such as the path of a file. The lines of a chain follow each other. */
  readonly place: string;
  readonly text: string;
  /** Fault of the storage of this line: a predicate to follow its number. */
  readonly fault?: string | undefined;
  /** Whether the line has no end: its process was killed while writing it, or is writing it. */
  readonly isTorn?: boolean;
}
