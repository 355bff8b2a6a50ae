import { placeOf, type ToolPolicyDocument } from '../../config/tool-policy-document.js';

/** Key of the entry for callers without an organization, or whose organization has no entry. */
const OTHERS = '*';

interface Rule {
  /** Allowed tools; undefined means all. */
  readonly allowed: ReadonlySet<string> | undefined;
  readonly denied: ReadonlySet<string>;
}

/** Immutable policy of which organizations may use which tools. */
export class ToolPolicy {
  readonly #rules: ReadonlyMap<string, Rule>;

  constructor(private readonly document: ToolPolicyDocument) {
    this.#rules = new Map(
      [...document].map(([organization, { allow, deny }]) => [
        organization,
        { allowed: allow && new Set(allow), denied: new Set(deny) },
      ]),
    );
  }

  /** Number of entries. */
  get size(): number {
    return this.#rules.size;
  }

  /** @param organizationId undefined for a caller without an organization */
  allows(organizationId: string | undefined, toolName: string): boolean {
    const rule = this.#rules.get(organizationId ?? OTHERS) ?? this.#rules.get(OTHERS);
    if (!rule) return true;
    return (rule.allowed?.has(toolName) ?? true) && !rule.denied.has(toolName);
  }

  /** Lists the entries that name an unknown tool. A typing error in `deny` would leave the tool open. */
  unknownTools(exists: (toolName: string) => boolean): string[] {
    return [...this.document].flatMap(([organization, lists]) =>
      (['allow', 'deny'] as const).flatMap((list) =>
        (lists[list] ?? []).flatMap((name, index) =>
          exists(name) ? [] : [`${placeOf(organization, [list, index])}: unknown tool "${name}"`],
        ),
      ),
    );
  }
}
