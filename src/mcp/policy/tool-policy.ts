import { placeOf, type ToolLists, type ToolPolicyDocument } from '../../config/tool-policy-document.js';
import type { CompiledTool } from '../catalog/compiled-tool.js';

/** Mark of a name that may be unknown, because its tool is added while the server runs. No name has the character. */
const LATE = '?';

/** Key of the entry for callers without an organization, or whose organization has no entry. */
const OTHERS = '*';

/** Members of a tool by which a policy names it. */
export type PolicedTool = Pick<CompiledTool, 'name' | 'group'>;

/** Names of tools and of groups. */
export interface Named {
  readonly tools: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
}

interface Rule {
  /** Undefined means all. */
  readonly allowed: Named | undefined;
  readonly denied: Named;
}

/** Immutable policy of which organizations may use which tools. */
export class ToolPolicy {
  readonly #rules: ReadonlyMap<string, Rule>;

  constructor(private readonly document: ToolPolicyDocument) {
    this.#rules = new Map(
      [...document].map(([organization, { allow, allowGroups, deny, denyGroups }]) => [
        organization,
        {
          allowed: allow || allowGroups ? named(allow, allowGroups) : undefined,
          denied: named(deny, denyGroups),
        },
      ]),
    );
  }

  /** Number of entries. */
  get size(): number {
    return this.#rules.size;
  }

  /** @param organizationId undefined for a caller without an organization */
  allows(organizationId: string | undefined, tool: PolicedTool): boolean {
    const rule = this.#ruleOf(organizationId);
    if (!rule) return true;
    return (rule.allowed === undefined || isAmong(rule.allowed, tool)) && !isAmong(rule.denied, tool);
  }

  /** Whether the policy names a tool in `deny`, or its group in `denyGroups`. */
  denies(organizationId: string | undefined, tool: PolicedTool): boolean {
    const rule = this.#ruleOf(organizationId);
    return rule !== undefined && isAmong(rule.denied, tool);
  }

  #ruleOf(organizationId: string | undefined): Rule | undefined {
    return this.#rules.get(organizationId ?? OTHERS) ?? this.#rules.get(OTHERS);
  }

  /**
   * Lists the entries that name an unknown tool or group. A typing error in `deny` would leave the tool open.
   *
   * @param isLate whether to list the names that are marked as added later, or those that are not
   */
  unknownNames(known: Named, isLate = false): string[] {
    const hint = (name: string): string =>
      isLate ? '' : ` (write "${name}${LATE}" if it is added while the server runs)`;
    return [...this.document].flatMap(([organization, lists]) => {
      const unknown = (list: keyof ToolLists, kind: string, names: ReadonlySet<string>): string[] =>
        (lists[list] ?? []).flatMap((name, index) =>
          name.endsWith(LATE) !== isLate || names.has(plain(name))
            ? []
            : [`${placeOf(organization, [list, index])}: unknown ${kind} "${plain(name)}"${hint(name)}`],
        );
      return [
        ...unknown('allow', 'tool', known.tools),
        ...unknown('allowGroups', 'group', known.groups),
        ...unknown('deny', 'tool', known.tools),
        ...unknown('denyGroups', 'group', known.groups),
      ];
    });
  }
}

const named = (tools: readonly string[] = [], groups: readonly string[] = []): Named => ({
  tools: new Set(tools.map(plain)),
  groups: new Set(groups.map(plain)),
});

const plain = (name: string): string => (name.endsWith(LATE) ? name.slice(0, -LATE.length) : name);

const isAmong = ({ tools, groups }: Named, { name, group }: PolicedTool): boolean =>
  tools.has(name) || (group !== undefined && groups.has(group));
