import { openApiProblems } from '../../../../src/mcp/index.js';
import { petsApi } from './pets.api.js';

describe('the tools of the API pets', () => {
  it('fit its OpenAPI document', async () => {
    expect(await openApiProblems(petsApi)).toEqual([]);
  });

  it('are those that have been reviewed', () => {
    const names = Object.values(petsApi.operations ?? {}).map(({ name }) => name);
    const reviewed = ['list_pets', 'with_key', 'get_pet', 'delete_pet', 'create_pet'];
    expect(new Set(names)).toEqual(new Set(reviewed));
  });
});
