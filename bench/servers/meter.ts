// Preloaded into each server. Reports the process's resource usage to the benchmark on request.
import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';

export type MeterRequest = 'usage' | 'start profile' | { readonly saveProfile: string };

/** Resource usage of a process. */
export interface MeterAnswer {
  /** CPU time of all threads since the start, in microseconds. */
  readonly cpu: number;
  /** Resident memory in bytes. */
  readonly resident: number;
  /** Used JavaScript heap in bytes. */
  readonly heap: number;
}

let session: Session | undefined;

process.on('message', (request: MeterRequest) => {
  void answer(request).then((used) => process.send?.(used));
});
// The channel must not keep the process alive.
process.channel?.unref();

async function answer(request: MeterRequest): Promise<MeterAnswer> {
  if (request === 'start profile') await startProfile();
  else if (request !== 'usage') await saveProfile(request.saveProfile);
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return { cpu: user + system, resident: rss, heap: heapUsed };
}

async function startProfile(): Promise<void> {
  session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
}

async function saveProfile(path: string): Promise<void> {
  if (!session) throw new Error('No profile was started.');
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  await writeFile(path, JSON.stringify(profile));
}
