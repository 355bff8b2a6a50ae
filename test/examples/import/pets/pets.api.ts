import { z } from 'zod';

import { configuredCredentials, type OpenApiOptions, settings } from '../../../../src/mcp/index.js';
import { petsDocument } from './pets.document.js';

/** Secrets of this service, one for each security scheme of the document. Remove those that you do not use. */
export const petsSettings = settings(
  'pets',
  z.object({
    PETS_TOKEN: z.string('Set the secret for token.'),
    PETS_KEY: z.string('Set the secret for key.'),
    PETS_LOGIN: z.string('Set name and password for login, as name:password.'),
  }),
);

/**
 * Tools of the API pets. Review each: who may call it, what a model reads about it, which arguments it may choose
 * (`parameters`), and which fields of the response it gets (`response`). See docs/openapi.md.
 */
export const petsApi: OpenApiOptions = {
  name: 'pets',
  document: petsDocument,
  useFactory: () => {
    const secrets = petsSettings();
    return {
      baseUrl: 'https://pets.example.com/v1',
      credentials: configuredCredentials({
        token: secrets.PETS_TOKEN,
        key: secrets.PETS_KEY,
        login: secrets.PETS_LOGIN,
      }),
    };
  },
  operations: {
    listPets: {
      name: 'list_pets',
      description: 'Lists pets',
      scopes: ['pets:read'],
      annotations: { readOnlyHint: true },
    },
    withKey: {
      name: 'with_key',
      description: 'Sends an API key',
      scopes: ['pets:read'],
      annotations: { readOnlyHint: true },
    },
    getPet: {
      name: 'get_pet',
      description: 'Finds a pet',
      scopes: ['pets:read'],
      annotations: { readOnlyHint: true },
    },
    deletePet: {
      name: 'delete_pet',
      description: 'Removes a pet',
      scopes: ['pets:write'],
      annotations: { destructiveHint: true, idempotentHint: true },
    },
    createPet: {
      name: 'create_pet',
      description: 'Adds a pet',
      scopes: ['pets:write'],
      annotations: { destructiveHint: true },
    },
  },
};
