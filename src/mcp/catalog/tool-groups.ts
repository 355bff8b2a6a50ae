/** Name of a tool group. Names have no commas and spaces, so that a header can list them. */
export const GROUP_NAME = /^[A-Za-z0-9_.-]{1,64}$/;

/** Returns the tools of each group. Tools without a group are in none. */
export function toolsByGroup<Tool extends { readonly group: string | undefined }>(
  tools: readonly Tool[],
): ReadonlyMap<string, readonly Tool[]> {
  const groups = new Map<string, Tool[]>();
  for (const tool of tools) {
    if (tool.group === undefined) continue;
    const members = groups.get(tool.group);
    if (members) members.push(tool);
    else groups.set(tool.group, [tool]);
  }
  return groups;
}
