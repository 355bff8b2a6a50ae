import type { Offers } from './catalog.js';

/** Lists that may change while the server runs. */
export type ChangedList = 'tools' | 'resources' | 'prompts';

/** Describes each name and URI that must be unique. */
export function identitiesOf({ tools, resources, templates, prompts }: Offers): string[] {
  return [
    ...tools.map(({ name }) => `tool name "${name}"`),
    ...[...resources, ...templates].map(({ name }) => `resource name "${name}"`),
    ...resources.map(({ definition }) => `uri "${definition.uri}"`),
    ...templates.map(({ definition }) => `uri "${definition.uriTemplate}"`),
    ...prompts.map(({ name }) => `prompt name "${name}"`),
  ];
}

export const joined = (some: Offers, more: Offers): Offers => ({
  tools: [...some.tools, ...more.tools],
  resources: [...some.resources, ...more.resources],
  templates: [...some.templates, ...more.templates],
  prompts: [...some.prompts, ...more.prompts],
});

export const without = (all: Offers, some: Offers): Offers => ({
  tools: all.tools.filter((tool) => !some.tools.includes(tool)),
  resources: all.resources.filter((resource) => !some.resources.includes(resource)),
  templates: all.templates.filter((template) => !some.templates.includes(template)),
  prompts: all.prompts.filter((prompt) => !some.prompts.includes(prompt)),
});

/** Returns the lists that contain these offers. */
export function listsOf({ tools, resources, templates, prompts }: Offers): ChangedList[] {
  return [
    ...(tools.length > 0 ? (['tools'] as const) : []),
    ...(resources.length + templates.length > 0 ? (['resources'] as const) : []),
    ...(prompts.length > 0 ? (['prompts'] as const) : []),
  ];
}
