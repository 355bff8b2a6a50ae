import type { CompiledTool } from './compiled-tool.js';

/** Names of all tools and their groups since the start, also of removed tools, which may come back. */
export class KnownNames {
  readonly tools = new Set<string>();
  readonly groups = new Set<string>();
  readonly #listeners = new Set<() => void>();

  /** Calls a listener whenever tools are added, before they are offered. */
  onAdded(listener: () => void): void {
    this.#listeners.add(listener);
  }

  add(tools: readonly CompiledTool[]): void {
    for (const { name, group } of tools) {
      this.tools.add(name);
      if (group !== undefined) this.groups.add(group);
    }
    this.#listeners.forEach((listener) => listener());
  }
}
