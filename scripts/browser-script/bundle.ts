import { build, stop } from 'esbuild';

/** File that contains the script as a constant, so that the server needs no further file at run time. */
export const SCRIPT_FILE = 'src/connect/browser-script.ts';

/** Bundles the script of the connect page, and returns the text of {@link SCRIPT_FILE}. */
export async function bundleBrowserScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['src/connect/browser/main.ts'],
    bundle: true,
    format: 'esm',
    minify: true,
    target: 'es2022',
    charset: 'ascii',
    write: false,
    tsconfigRaw: {},
  });
  await stop(); // ends its process
  const script = (outputFiles[0]?.text ?? '').trim();
  return `/** Script of the connect page, bundled from browser/main.ts by: npm run browser-script */\nexport const BROWSER_SCRIPT: string =\n  ${JSON.stringify(script)};\n`;
}
