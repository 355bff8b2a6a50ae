/** Part of the OpenAPI document that the tools need. */
export const petsDocument: object = {
  openapi: '3.1.0',
  info: { title: 'Pets', version: '1' },
  security: [{ token: [] }],
  paths: {
    '/pets': {
      get: {
        operationId: 'listPets',
        summary: 'Lists pets',
        parameters: [
          { name: 'tags', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
          { name: 'limit', in: 'query', schema: { type: 'integer', maximum: 100 } },
          { name: 'tenant', in: 'header', schema: { type: 'string' } },
        ],
        responses: {
          '200': {
            description: 'Pets',
            content: {
              'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/Pet' } } },
            },
          },
        },
      },
      post: {
        operationId: 'createPet',
        summary: 'Adds a pet',
        tags: ['pets'],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } },
        },
        responses: {
          '201': {
            description: 'The pet',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } },
          },
        },
      },
    },
    '/free': {
      get: {
        operationId: 'withKey',
        summary: 'Sends an API key',
        security: [{ key: [], login: [] }],
        responses: { default: { description: 'Any response' } },
      },
    },
    '/pets/{id}': {
      parameters: [{ $ref: '#/components/parameters/id' }],
      get: {
        operationId: 'getPet',
        summary: 'Finds a pet',
        tags: ['pets'],
        responses: {
          '200': {
            description: 'The pet',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } },
          },
        },
      },
      delete: {
        operationId: 'deletePet',
        summary: 'Removes a pet',
        tags: ['pets'],
        responses: { default: { description: 'Any response' } },
      },
    },
  },
  components: {
    securitySchemes: {
      token: { type: 'http', scheme: 'bearer' },
      key: { type: 'apiKey', in: 'query', name: 'api_key' },
      login: { type: 'http', scheme: 'basic' },
    },
    schemas: {
      Pet: {
        type: 'object',
        required: ['id', 'name', 'secret'],
        properties: {
          id: { type: 'integer', readOnly: true },
          name: { type: 'string', description: 'Name of the pet' },
          secret: { type: 'string', writeOnly: true },
          owner: { type: 'object', properties: { name: { type: 'string' }, email: { type: 'string' } } },
          parent: { $ref: '#/components/schemas/Pet' },
          born: { type: ['string', 'null'], format: 'date' },
        },
      },
    },
    parameters: { id: { name: 'id', in: 'path', required: true, schema: { type: 'string' } } },
  },
};
