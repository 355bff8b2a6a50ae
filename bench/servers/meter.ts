// Loaded into each server before anything of its own: tells the harness what the process uses, when asked.
import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';

export type MeterRequest = 'usage' | 'start profile' | { readonly saveProfile: string };

/** What a process has used since its start, or holds. */
export interface MeterAnswer {
  /** CPU time of all its threads, microseconds. */
  readonly cpu: number;
  /** Resident memory, bytes. */
  readonly resident: number;
  /** Of which JavaScript's heap, bytes. */
  readonly heap: number;
}

let session: Session | undefined;

process.on('message', (request: MeterRequest) => {
  void answer(request).then((used) => process.send?.(used));
});
// The server decides when the process ends.
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
