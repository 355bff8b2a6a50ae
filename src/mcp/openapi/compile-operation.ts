import { runHandler } from '../../logging/handler-span.js';
import { VERSION } from '../../version.js';
import { NO_OFFERS, type Offers } from '../catalog/catalog.js';
import { compileTool } from '../catalog/compiled-tool.js';
import { shapeProblems } from '../catalog/declaration-shape.js';
import type { Findings } from '../catalog/findings.js';
import type { MethodRunner } from '../catalog/method-runner.js';
import { fromJsonSchema } from '../decorators/from-json-schema.js';
import type { InputSchema } from '../decorators/mcp-tool.decorator.js';
import type { OpenApiMapping, UpstreamOptions } from '../decorators/open-api-options.js';
import { type AnsweredApi, apiAnswer } from './api-answer.js';
import { apiRequestFactory } from './api-request.js';
import { argumentsOf, inputSchemaOf } from './arguments.js';
import { SchemaConverter } from '../controllers/convert-schema.js';
import { type ApiDocument, plainText, textIn } from '../controllers/api-document.js';
import { recordIn } from '../../values/record-in.js';
import { narrowingOf } from './narrow.js';
import { isRead, type Operation, serverProblems } from './operations.js';
import { fieldProblems } from './response-fields.js';
import { responseSchema } from './response-schema.js';
import { authorize, secretIdsOf, securityOf } from './security.js';
import { annotationsOf, type Selected } from './select-operations.js';
import { asOutput, tolerantOutput } from './tolerant-output.js';
import type { UpstreamClient } from './upstream-client.js';
import { withoutCostly } from './without-costly.js';

/** API whose operations are compiled. */
export interface Api {
  readonly options: OpenApiMapping & UpstreamOptions;
  readonly document: ApiDocument;
  readonly baseUrl: URL;
  readonly client: UpstreamClient;
}

/** A narrowed response may be this large before it is narrowed. */
const MAX_NARROWED_BYTES = 8 * 1024 * 1024;

/** Compiles an operation into a tool. */
export function compileOperation(
  api: Api,
  { operation, mapping }: Selected,
  resultLimit: number,
  findings: Findings,
): Offers {
  const { problems } = findings;
  const malformed = shapeProblems('operation', mapping);
  problems.push(...malformed);
  if (malformed.length > 0) return NO_OFFERS;
  const { document, options } = api;
  const { parameters: _parameters, response = {}, output: hasOutput = true, ...common } = mapping;
  const security = securityOf(document, operation, options, options.credentials, problems);
  const converter = new SchemaConverter(document, 'input');
  const derived = argumentsOf(document, operation, mapping, converter, problems, secretIdsOf(security));
  const schema = responseSchema(document, operation, problems);
  problems.push(...fieldProblems(document, operation, response));
  const otherServer = serverProblems(operation, api.baseUrl.href);
  findings.warnings.push(...otherServer.map((fault) => `${fault} Map it in a fromOpenApi() of its own.`));
  const narrowing = narrowingOf(response);
  const output =
    schema && hasOutput ? tolerantOutput(narrowing ? narrowing.schema(schema) : schema) : undefined;
  const makeRequest = apiRequestFactory(operation, derived, api.baseUrl, `aerie-mcp/${VERSION}`);
  const answered: AnsweredApi = {
    name: mapping.name,
    api: options.name,
    route: operation.route,
    isRead: isRead(operation),
    arguments: derived.list.filter(({ fixed }) => fixed === undefined),
    narrowing,
    output,
  };
  const limit = narrowing ? MAX_NARROWED_BYTES : resultLimit;
  const upstream = { name: options.name, baseUrl: options.baseUrl };
  const run: MethodRunner = (input, { signal }, { principal }) =>
    runHandler(async () => {
      const secrets = (await options.credentials?.credentialsFor(principal, upstream, signal)) ?? {};
      const request = await makeRequest(recordIn(input), principal, authorize(security, secrets));
      return apiAnswer(await api.client.send(request, signal, limit), answered);
    });
  const tool = compileTool(
    {
      ...common,
      description: mapping.description ?? descriptionOf(operation),
      annotations: mapping.annotations ?? annotationsOf(operation),
      input: asInput(inputSchemaOf(derived.list)),
      output: output && asOutput(output),
    },
    [],
    run,
    findings,
  );
  return { ...NO_OFFERS, tools: [tool] };
}

const descriptionOf = ({ node }: Operation): string =>
  [textIn(node['summary']) ?? '', textIn(node['description']) ?? '']
    .map(plainText)
    .filter((text) => text !== '')
    .join('\n\n')
    .slice(0, 2_000);

/** Publishes the schema, and validates without the parts that only the API should check. */
function asInput(schema: Record<string, unknown>): InputSchema {
  const { '~standard': standard } = fromJsonSchema(withoutCostly(schema));
  return {
    '~standard': {
      version: 1,
      vendor: 'mcp',
      jsonSchema: { input: () => schema, output: () => schema },
      validate: (value) => standard.validate(value),
    },
  };
}
