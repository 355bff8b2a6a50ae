import type { Client, Prompt, Resource, ResourceTemplateType, Tool } from '@modelcontextprotocol/client';

import { loadSdk } from './load-sdk.js';

/** Tools, resources and prompts that a caller sees. */
export interface Offered {
  readonly tools: readonly Tool[];
  readonly resources: readonly Resource[];
  readonly resourceTemplates: readonly ResourceTemplateType[];
  readonly prompts: readonly Prompt[];
}

/** Lists what the caller sees. Asks for no list that the server does not have: the SDK would print a line on standard output. */
export async function listOffered(client: Client): Promise<Offered> {
  const { resources, prompts } = client.getServerCapabilities() ?? {};
  return {
    tools: await listTools(client),
    resources: resources ? (await client.listResources()).resources : [],
    resourceTemplates: resources ? await listTemplates(client) : [],
    prompts: prompts ? (await client.listPrompts()).prompts : [],
  };
}

/** Lists the tools like {@link listOffered}. */
export async function listTools(client: Client): Promise<Tool[]> {
  return client.getServerCapabilities()?.tools ? (await client.listTools()).tools : [];
}

/** Lists the templates of resources. A server may have resources without this method. */
async function listTemplates(client: Client): Promise<ResourceTemplateType[]> {
  try {
    return (await client.listResourceTemplates()).resourceTemplates;
  } catch (error) {
    const { METHOD_NOT_FOUND, ProtocolError } = await loadSdk();
    if (error instanceof ProtocolError && error.code === METHOD_NOT_FOUND) return [];
    throw error;
  }
}
