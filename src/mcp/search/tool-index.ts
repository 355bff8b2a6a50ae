import MiniSearch from 'minisearch';

import { isRecord } from '../../values/is-record.js';
import type { CompiledTool } from '../catalog/compiled-tool.js';
import { queryWords, wordsIn } from './terms.js';

/** Searched texts of a tool. */
interface Entry {
  readonly name: string;
  readonly words: string;
  readonly group: string;
  readonly description: string;
  readonly parameters: string;
}

/** Weight of each text. A name is chosen with care, and parameters are often the same in many tools. */
const BOOST = { words: 2, group: 1, description: 1, parameters: 0.3 };

/** Index of tools, ranked by BM25 (MiniSearch). It knows nothing of callers: each search says what it may find. */
export class ToolIndex {
  readonly #entries = new MiniSearch<Entry>({
    idField: 'name',
    fields: Object.keys(BOOST),
    tokenize: wordsIn,
    processTerm: (term) => term,
  });
  #indexed = new Set<CompiledTool>();

  /** Adds new tools, and removes others. */
  update(tools: readonly CompiledTool[]): void {
    const current = new Set(tools);
    for (const tool of this.#indexed) if (!current.has(tool)) this.#entries.discard(tool.name);
    for (const tool of tools) if (!this.#indexed.has(tool)) this.#entries.add(entryOf(tool));
    this.#indexed = current;
  }

  /**
   * Returns the names of the tools that match best, the best first.
   *
   * @param names tools that may be found
   */
  search(query: string, names: Pick<ReadonlySet<string>, 'has'>, limit: number): string[] {
    const found = this.#entries.search(query, {
      tokenize: queryWords,
      boost: BOOST,
      prefix: (term) => term.length > 2,
      fuzzy: (term) => (term.length > 4 ? 0.2 : false),
      filter: ({ id }) => names.has(String(id)),
    });
    return found.slice(0, limit).map(({ id }) => String(id));
  }
}

const entryOf = ({ name, group = '', definition }: CompiledTool): Entry => ({
  name,
  words: `${name} ${definition.title ?? ''}`,
  group,
  description: definition.description ?? '',
  parameters: parametersOf(definition.inputSchema).join(' '),
});

/** Returns the names and descriptions of arguments. */
function parametersOf({ properties = {} }: CompiledTool['definition']['inputSchema']): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const description = isRecord(schema) ? schema['description'] : undefined;
    return typeof description === 'string' ? [name, description] : [name];
  });
}
