import { systemErrorCode } from './system-error-code.js';

/** Whether a process exists, also one of another user. */
export function isAlive(processId: number): boolean {
  if (!Number.isInteger(processId) || processId <= 0) return false;
  try {
    return process.kill(processId, 0); // signal 0 only checks that the process exists
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}
