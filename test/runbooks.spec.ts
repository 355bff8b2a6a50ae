import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const TEMPLATES = 'deploy/helm/aerie/templates';
const RUNBOOKS = 'docs/runbooks';

/** Objects of a release named `aerie`, such as `deployment/aerie`. */
const objects = new Set(
  readdirSync(TEMPLATES).flatMap((name) => {
    const text = readFileSync(join(TEMPLATES, name), 'utf8').replaceAll(
      '{{ include "aerie.fullname" . }}',
      'aerie',
    );
    const names = [...text.matchAll(/^metadata:\n  name: ([\w-]+)$/gm)];
    return [...text.matchAll(/^kind: (\w+)$/gm)].flatMap(([, kind = '']) =>
      names.map(([, object = '']) => `${kind.toLowerCase()}/${object}`),
    );
  }),
);

describe.each(readdirSync(RUNBOOKS))('docs/runbooks/%s', (name) => {
  const page = readFileSync(join(RUNBOOKS, name), 'utf8');

  it('names objects and labels that the chart has', () => {
    const named = [...page.matchAll(/\b(?:deployment|statefulset|job)\/[\w-]+/g)].map(([object]) => object);
    expect(named.filter((object) => !objects.has(object))).toEqual([]);
    const helpers = readFileSync(join(TEMPLATES, '_helpers.tpl'), 'utf8').replaceAll(
      '{{ .Release.Name }}',
      'aerie',
    );
    const selectors = [...page.matchAll(/--selector ([\w./=,-]+)/g)].flatMap(([, selector = '']) =>
      selector.split(','),
    );
    const labels = selectors.map((label) => label.replace('=', ': '));
    expect(labels.filter((label) => !helpers.includes(label))).toEqual([]);
  });
});

describe('docs/runbooks/README.md', () => {
  it('has each command for the compose file in the form for Kubernetes too', () => {
    const [, table = ''] = readFileSync(join(RUNBOOKS, 'README.md'), 'utf8').split('## On Kubernetes');
    expect([...table.matchAll(/\b(?:deployment|statefulset|job)\/[\w-]+/g)].length).toBeGreaterThan(3);
    const services = readdirSync(RUNBOOKS).flatMap((name) =>
      [...readFileSync(join(RUNBOOKS, name), 'utf8').matchAll(/docker compose exec (\w+)/g)].map(
        ([, of]) => of,
      ),
    );
    expect([...new Set(services)].filter((of) => !table.includes(`docker compose exec ${of}`))).toEqual([]);
  });
});
