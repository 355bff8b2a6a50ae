import { spawn } from 'node:child_process';

/** Programs that open a URL. None of them is a shell, because the URL comes from another server. */
const OPENERS: Partial<Record<NodeJS.Platform, readonly [program: string, ...parameters: string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Opens a URL in the browser, if there is one. The caller also prints the URL. */
export function openBrowser(url: URL): void {
  const [program, ...parameters] = OPENERS[process.platform] ?? ['xdg-open'];
  const opened = spawn(program, [...parameters, url.href], { stdio: 'ignore', detached: true });
  opened.on('error', () => undefined); // there is none: the printed URL is enough
  opened.unref();
}
