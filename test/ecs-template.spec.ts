import { readFileSync } from 'node:fs';

import { parse } from 'yaml';
import { z } from 'zod';

const TASK = z.object({
  Properties: z.object({
    ContainerDefinitions: z.tuple([z.object({ Image: z.object({ Ref: z.string() }) })]),
  }),
});
const TEMPLATE = z.object({
  Parameters: z.record(z.string(), z.looseObject({})),
  Resources: z.object({ Instance: TASK, Migration: TASK }),
});

describe('deploy/ecs/aerie.yaml', () => {
  const { Parameters: parameters, Resources: resources } = TEMPLATE.parse(
    parse(readFileSync('deploy/ecs/aerie.yaml', 'utf8'), {
      customTags: [{ tag: '!Ref', resolve: (name: string) => ({ Ref: name }) }],
      logLevel: 'error', // other tags are not read
    }),
  );

  it('can register the migration of a new version without replacing the instances', () => {
    const images = [resources.Instance, resources.Migration].map(
      ({
        Properties: {
          ContainerDefinitions: [container],
        },
      }) => container.Image.Ref,
    );
    expect(images).toEqual(['Image', 'MigrationImage']);
    expect(Object.keys(parameters)).toEqual(expect.arrayContaining(images));
  });
});
