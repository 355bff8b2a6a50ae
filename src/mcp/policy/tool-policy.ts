import { placeOf, type ToolPolicyDocument } from '../../config/tool-policy.js';

/** Those whose organisation has no entry, or who have none. */
const OTHERS = '*';

interface Rule {
  /** undefined: all. */
  readonly allowed: ReadonlySet<string> | undefined;
  readonly denied: ReadonlySet<string>;
}

/** Which organisations may have which tools. Immutable. */
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

  /** How many entries it has. */
  get size(): number {
    return this.#rules.size;
  }

  /** @param organizationId undefined: a caller without organisation */
  allows(organizationId: string | undefined, toolName: string): boolean {
    const rule = this.#rules.get(organizationId ?? OTHERS) ?? this.#rules.get(OTHERS);
    if (!rule) return true;
    return (rule.allowed?.has(toolName) ?? true) && !rule.denied.has(toolName);
  }

  /** The places that name a tool which does not exist: a typing error in `deny` would leave the tool open. */
  unknownTools(exists: (toolName: string) => boolean): string[] {
    return [...this.document].flatMap(([organization, lists]) =>
      (['allow', 'deny'] as const).flatMap((list) =>
        (lists[list] ?? []).flatMap((name, index) =>
          exists(name) ? [] : [`${placeOf(organization, [list, index])}: there is no tool "${name}"`],
        ),
      ),
    );
  }
}
