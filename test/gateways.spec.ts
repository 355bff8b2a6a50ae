import { readFileSync } from 'node:fs';

import { parse } from 'yaml';
import { z } from 'zod';

const mappers = z.array(z.looseObject({ filter: z.looseObject({}), status_code: z.int() }));
const reply = z.object({ local_reply_config: z.object({ mappers }) });
const only = <Item extends z.ZodType>(item: Item): z.ZodTuple<[Item]> => z.tuple([item]);

const ENVOY = z.object({
  static_resources: z.object({
    listeners: only(
      z.object({ filter_chains: only(z.object({ filters: only(z.object({ typed_config: reply })) })) }),
    ),
  }),
});
const ENVOY_GATEWAY = z.object({
  spec: z.object({ jsonPatches: only(z.object({ operation: z.object({ value: z.object({ mappers }) }) })) }),
});
const ISTIO = z.object({
  spec: z.object({
    configPatches: only(z.object({ patch: z.object({ value: z.object({ typed_config: reply }) }) })),
  }),
});

describe('a gateway on Envoy', () => {
  const read = <Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> =>
    schema.parse(parse(readFileSync(`deploy/proxies/${name}`, 'utf8')));

  it('answers 502 if an instance got the request, as in the configuration of Envoy that is tried', () => {
    const [listener] = read('envoy.yaml', ENVOY).static_resources.listeners;
    const tried = listener.filter_chains[0].filters[0].typed_config.local_reply_config.mappers.filter(
      ({ status_code: status }) => status === 502,
    );
    expect(tried).toHaveLength(1);
    const [{ operation }] = read('envoy-gateway.yaml', ENVOY_GATEWAY).spec.jsonPatches;
    expect(operation.value.mappers).toEqual(tried);
    const [{ patch }] = read('istio.yaml', ISTIO).spec.configPatches;
    expect(patch.value.typed_config.local_reply_config.mappers).toEqual(tried);
  });
});
