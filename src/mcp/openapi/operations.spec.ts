import { noFindings } from '../catalog/findings.js';
import { compileApi } from './compile-api.js';
import { serverOf } from './operations.js';

const warningsOf = async (baseUrl: string): Promise<readonly string[]> => {
  const responses = { 200: { description: 'OK' } };
  const servers = [{ url: 'https://{host}.example.com', variables: { host: { default: 'upload' } } }];
  const document = {
    openapi: '3.1.0',
    info: { title: 'Files', version: '1' },
    servers: [{ url: 'https://api.example.com' }],
    paths: { '/files': { post: { operationId: 'upload', servers, responses } } },
  };
  const operations = { upload: { name: 'upload', description: 'Uploads.', scopes: ['files'] } };
  const offers = await compileApi({ name: 'files', document, baseUrl, operations });
  await offers.close();
  const findings = noFindings();
  for (const { compile } of offers.declare(1_000)) compile(findings);
  return findings.warnings;
};

describe('the server of an operation', () => {
  it('is the subject of a warning if it is not the base URL', async () => {
    expect(await warningsOf('https://api.example.com')).toEqual([
      'its document sends it to the server https://upload.example.com, but tools send it to https://api.example.com/. Map it in a fromOpenApi() of its own.',
    ]);
    expect(await warningsOf('https://upload.example.com/')).toEqual([]);
  });

  it('keeps variables without a default', () => {
    const variables = { a: { default: '1' }, b: {} };
    expect(serverOf([{ url: 'https://api.example.com/{a}/{b}/{toString}', variables }])).toBe(
      'https://api.example.com/1/{b}/{toString}',
    );
    expect(serverOf([])).toBeUndefined();
  });
});
