// Writes the version of the package to all other places that name it: create-aerie-mcp, on which a new server then
// depends, the Helm chart and the manifests with the version of the image, and the pages with the name of the package.
import { readFile, writeFile } from 'node:fs/promises';

const PLACES = {
  'create/package.json': /(?<="version": ")[^"]+/,
  'create/README.md': /(?<=aerie-mcp-)\d[\w.-]*(?=\.tgz)/g,
  'deploy/helm/aerie/Chart.yaml': /(?<=^(?:version|appVersion): ).*$/gm,
  'deploy/kubernetes/overlays/production/kustomization.yaml': /(?<=newTag: )[\w.-]+/,
  'deploy/kubernetes/overlays/small/kustomization.yaml': /(?<=newTag: )[\w.-]+/,
  'docs/embedding.md': /(?<=aerie-mcp-)\d[\w.-]*(?=\.tgz)/g,
  'README.md': /(?<=\*\*Status\*\*: version )\d[\w.-]*\w/,
};

const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
for (const [path, pattern] of Object.entries(PLACES)) {
  const file = new URL(`../${path}`, import.meta.url);
  const text = await readFile(file, 'utf8');
  if (text.search(pattern) < 0) throw new Error(`${path} names no version where it is expected: ${pattern}`);
  await writeFile(file, text.replace(pattern, version));
}
