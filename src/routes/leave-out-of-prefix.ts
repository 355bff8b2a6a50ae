import { RequestMethod } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';

/**
 * Leaves paths, and all paths below them, out of the application's global prefix, in addition to its own exceptions.
 * Clients find the discovery documents only at the root of the host (RFC 9728 §3.1), and the endpoint only at the path
 * of its public URL.
 */
export function leaveOutOfPrefix(application: ApplicationConfig, paths: readonly string[]): void {
  const options = application.getGlobalPrefixOptions();
  const exclude = paths.map((path) => ({
    path,
    pathRegex: new RegExp(`^${path.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}(/.*)?$`, 'i'),
    requestMethod: RequestMethod.ALL,
  }));
  application.setGlobalPrefixOptions({ ...options, exclude: [...(options.exclude ?? []), ...exclude] });
}
