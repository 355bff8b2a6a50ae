import { z } from 'zod';

import { count, duration, longSecret, size, text, words } from '../formats.js';
import { section, variable } from '../variable.js';

export const tools = section(
  'Tools',
  {
    TOOL_TIMEOUT: variable({
      schema: duration,
      default: '60s',
      description: 'timeout of a call, unless the tool sets its own',
      remedy: 'Use a duration such as 60s.',
    }),
    RESULT_LIMIT: variable({
      schema: size,
      default: '4mb',
      description:
        'maximum size of the result of a request, or of all results of a batch, in characters of JSON, including error texts',
      remedy: 'Use a size such as 512kb or 4mb.',
    }),
    REQUEST_STATE_SECRET: variable({
      schema: words(longSecret, 1),
      otherwise: 'random per process',
      description:
        'signs the state of [questions](elicitation.md); use the same value on all instances, at least 32 characters; for [rotation](rotation.md), several values separated by spaces, commas or line breaks: the first signs, all are accepted',
      remedy:
        'Use at least 32 random characters without spaces and commas, the same on every instance: openssl rand -base64 32',
      secret: true,
      setByContainer: true,
    }),
    TOOL_POLICY: variable({
      schema: text,
      description:
        'JSON file with [the tools of each organization](tenants.md#which-tools-an-organization-may-have), reloaded when it changes',
      remedy: 'Use the path of a JSON file, such as ./tool-policy.json',
      example: './tool-policy.json',
    }),
    TOOL_GROUPS: variable({
      schema: words(text, 1),
      description:
        'offers only the tools of these [groups](many-tools.md#an-endpoint-for-a-group), separated by spaces or commas; unset: all tools',
      remedy: 'Use names of groups, such as billing,crm',
      example: 'billing,crm',
    }),
    TOOL_SEARCH: variable({
      schema: z.enum(['off', 'requested', 'always']),
      default: 'off',
      description:
        'lists [three tools to search and call the others](many-tools.md#search-instead-of-a-list): `always`, or when `requested` by a client; needs `minisearch`',
      remedy: 'Use off, requested or always.',
      example: 'requested',
    }),
    MAX_ORGANIZATIONS_IN_MEMORY: variable({
      schema: count,
      default: '1000',
      description:
        'maximum organizations whose unused [durable providers](tenants.md#keep-state-for-an-organization) stay in memory',
      remedy: 'Use a number such as 1000.',
    }),
  },
  (values) =>
    ({
      tools: {
        /** Default timeout of a tool call, milliseconds. */
        timeout: values.TOOL_TIMEOUT,
        /** Maximum size of a result, characters of its text and data. */
        resultLimit: values.RESULT_LIMIT,
        /** Maximum number of organizations whose durable providers stay in memory while idle. */
        maxOrganizationsInMemory: values.MAX_ORGANIZATIONS_IN_MEMORY,
        /** Path of the file of allowed and denied tools; undefined to allow all tools to every organization. */
        policyFile: values.TOOL_POLICY,
        /** Groups whose tools the endpoint offers; undefined for all tools. */
        groups: values.TOOL_GROUPS,
        /** Which clients search tools instead of listing all of them. */
        search: values.TOOL_SEARCH,
      },
      /** Secrets of the state of multi-round-trip requests: the first signs, all verify. Undefined for a random one. */
      requestStateSecrets: values.REQUEST_STATE_SECRET,
    }) as const,
);
