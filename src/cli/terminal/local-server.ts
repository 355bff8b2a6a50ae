import { type RunningServer, runningServers } from '../../process/running-servers.js';

/**
 * Chooses the server that runs from a state directory: the only one, or the one of the configured URL.
 *
 * @returns undefined if none runs
 * @throws when several run, and none has the configured URL
 */
export async function localServer(
  stateDirectory: string,
  configuredUrl: string,
): Promise<RunningServer | undefined> {
  const running = await runningServers(stateDirectory);
  const configured = running.find(({ url }) => url === configuredUrl);
  if (configured || running.length <= 1) return configured ?? running[0];
  throw new Error(
    `Several servers run from ${stateDirectory}: ${running.map(({ url }) => url).join(', ')}. Set PORT to the port of one of them.`,
  );
}
