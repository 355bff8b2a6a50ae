import { readHandshakes } from './clients/handshake.js';
import { replay } from './clients/replay.js';
import { ClientToolsModule } from './clients/tools.js';
import { type Aerie, startAerie } from './support/aerie.js';

const HANDSHAKES = readHandshakes();

describe('the handshake of', () => {
  let aerie: Aerie;
  // Silences a warning: Jest hides oidc-provider's protection of outgoing requests, and this test makes none.
  beforeEach(() => jest.spyOn(console, 'warn').mockImplementation());
  beforeAll(async () => {
    aerie = await startAerie({
      modules: [ClientToolsModule],
      environment: { DEMO_TOOLS: 'off' },
      issuer: {
        clientMetadataDocuments: Object.assign({}, ...HANDSHAKES.map(({ documents }) => documents)),
      },
    });
  });
  afterAll(() => aerie.close());

  it.each(HANDSHAKES.map((handshake): [string, typeof handshake] => [handshake.client, handshake]))(
    '%s succeeds',
    async (_client, handshake) => {
      const { url: endpoint, origin, issuer } = aerie;
      await replay(handshake, { endpoint, origin, issuer: issuer.url });
    },
  );
});
