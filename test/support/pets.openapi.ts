/** Document with every style of parameters, kind of body and security scheme. */
export const PETS = {
  openapi: '3.1.0',
  info: { title: 'Pets', version: '1' },
  security: [{ token: [] }],
  paths: {
    '/pets/{id}': {
      parameters: [{ $ref: '#/components/parameters/id' }],
      get: {
        operationId: 'getPet',
        summary: 'Finds a pet',
        tags: ['pets'],
        responses: {
          200: {
            description: 'The pet',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } },
          },
        },
      },
      delete: {
        operationId: 'deletePet',
        summary: 'Removes a pet',
        tags: ['pets'],
        responses: { 204: { description: 'Gone' } },
      },
    },
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
          200: {
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
          201: {
            description: 'The pet',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } },
          },
        },
      },
    },
    '/styles/{simple}/{label}/{matrix}': {
      get: {
        operationId: 'styles',
        summary: 'Has all styles',
        parameters: [
          {
            name: 'simple',
            in: 'path',
            required: true,
            schema: { type: 'array', items: { type: 'string' } },
          },
          {
            name: 'label',
            in: 'path',
            required: true,
            style: 'label',
            explode: true,
            schema: { type: 'array', items: { type: 'string' } },
          },
          {
            name: 'matrix',
            in: 'path',
            required: true,
            style: 'matrix',
            explode: true,
            schema: { type: 'object' },
          },
          {
            name: 'spaced',
            in: 'query',
            style: 'spaceDelimited',
            explode: false,
            schema: { type: 'array', items: { type: 'string' } },
          },
          {
            name: 'piped',
            in: 'query',
            style: 'pipeDelimited',
            explode: false,
            schema: { type: 'array', items: { type: 'string' } },
          },
          { name: 'deep', in: 'query', style: 'deepObject', schema: { type: 'object' } },
          {
            name: 'commas',
            in: 'query',
            explode: false,
            schema: { type: 'array', items: { type: 'string' } },
          },
          { name: 'flat', in: 'query', schema: { type: 'object' } },
          { name: 'json', in: 'query', content: { 'application/json': { schema: { type: 'object' } } } },
          { name: 'open', in: 'query', allowReserved: true, schema: { type: 'string' } },
          { name: 'X-Ids', in: 'header', schema: { type: 'array', items: { type: 'integer' } } },
          { name: 'mood', in: 'cookie', schema: { type: 'string' } },
        ],
        responses: { 200: { description: 'Request' } },
      },
    },
    '/forms': {
      post: {
        operationId: 'sendForm',
        summary: 'Sends a form',
        requestBody: {
          content: {
            'application/x-www-form-urlencoded': {
              schema: {
                type: 'object',
                properties: {
                  name: { type: 'string' },
                  deep: { type: 'object' },
                  list: { type: 'array', items: { type: 'string' } },
                },
              },
              encoding: { deep: { style: 'deepObject' } },
            },
          },
        },
        responses: { 200: { description: 'Request' } },
      },
      put: {
        operationId: 'sendFile',
        summary: 'Sends a file',
        requestBody: {
          content: {
            'multipart/form-data': {
              schema: {
                type: 'object',
                required: ['file'],
                properties: { file: { type: 'string', format: 'binary' }, note: { type: 'string' } },
              },
            },
          },
        },
        responses: { 200: { description: 'Request' } },
      },
    },
    '/free': {
      get: {
        operationId: 'withKey',
        summary: 'Sends an API key',
        security: [{ key: [], login: [] }],
        responses: { 200: { description: 'Request' } },
      },
    },
  },
  components: {
    parameters: { id: { name: 'id', in: 'path', required: true, schema: { type: 'string' } } },
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
  },
} as const;
