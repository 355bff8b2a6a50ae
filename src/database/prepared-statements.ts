import type { OperationNode } from 'kysely';

import { isPlainQuery } from './plain-query.js';

/** Maximum number of statements that a connection keeps prepared. Each occupies memory of the server. */
const MAX_PREPARED = 100;

/** Column of the rows of a statement. */
export interface Column {
  readonly name: string;
  /** Converts a value that is not null. */
  readonly parse: (text: string) => unknown;
}

/** Statement that a connection keeps prepared under a name. */
export interface PreparedStatement {
  readonly name: string;
  /** Whether the server certainly has it. */
  isParsed: boolean;
  /** Columns that the server has described. It refuses the statement once they have changed. */
  columns?: readonly Column[] | undefined;
  /** Whether it leaves nothing in the session. */
  isPlain?: boolean;
}

/** Statements that one connection keeps prepared, by their text. Beyond the maximum, the oldest one makes room. */
export class PreparedStatements {
  readonly #statements = new Map<string, PreparedStatement>();
  #closed: string[] = [];
  #lastName = 0;

  get(text: string): PreparedStatement {
    const known = this.#statements.get(text);
    if (known?.isParsed) return known;
    // A batch that failed may have parsed it or not.
    if (known) this.#closed.push(known.name);
    const statement = known ?? { name: `aerie_${++this.#lastName}`, isParsed: false };
    this.#statements.set(text, statement);
    return statement;
  }

  /** Whether a query leaves nothing in the session; see {@link isPlainQuery}. Its text alone decides about that. */
  isPlain(text: string, query: OperationNode): boolean {
    const statement = this.#statements.get(text);
    return statement ? (statement.isPlain ??= isPlainQuery(query)) : isPlainQuery(query);
  }

  /**
   * Lets the next batch parse a statement again.
   *
   * @returns whether the server had it
   */
  forget(text: string): boolean {
    const statement = this.#statements.get(text);
    if (!statement?.isParsed) return false;
    statement.isParsed = false;
    statement.columns = undefined;
    return true;
  }

  /**
   * Returns the names that the server must forget before it parses other statements.
   *
   * @param used statements of the next batch, which stay
   */
  takeClosed(used: readonly (PreparedStatement | undefined)[]): readonly string[] {
    if (this.#statements.size > MAX_PREPARED) this.#removeOldest(used);
    if (this.#closed.length === 0) return [];
    const closed = this.#closed;
    this.#closed = [];
    return closed;
  }

  #removeOldest(used: readonly (PreparedStatement | undefined)[]): void {
    for (const [text, statement] of this.#statements) {
      if (this.#statements.size <= MAX_PREPARED) return;
      if (used.includes(statement)) continue;
      this.#statements.delete(text);
      this.#closed.push(statement.name);
    }
  }
}
