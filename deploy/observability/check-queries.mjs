// Runs every query of the dashboards against a Prometheus, and reports those that fail or find nothing:
//   node deploy/observability/check-queries.mjs http://127.0.0.1:9090
import { readdirSync, readFileSync } from 'node:fs';

const [prometheus = 'http://127.0.0.1:9090'] = process.argv.slice(2);
const folder = new URL('grafana/dashboards/', import.meta.url);

const queries = readdirSync(folder).flatMap((name) => {
  const { title, panels } = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
  return panels.flatMap(({ title: panel, targets = [] }) =>
    targets.map(({ expr }) => ({ place: `${title} / ${panel}`, expr })),
  );
});

/** Returns the state of a query: ok, empty, or an error of Prometheus. */
async function stateOf(expr) {
  const query = expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m');
  const response = await fetch(`${prometheus}/api/v1/query?${new URLSearchParams({ query })}`);
  const { status, error, data } = await response.json();
  if (status !== 'success') return error;
  return data.result.length > 0 ? 'ok' : 'empty';
}

let failed = 0;
let empty = 0;
for (const { place, expr } of queries) {
  const state = await stateOf(expr);
  if (state === 'ok') continue;
  if (state === 'empty') empty++;
  else failed++;
  console.log(`${state}: ${place}\n  ${expr}`);
}
console.log(`${queries.length} queries, ${failed} failed, ${empty} empty`);
process.exit(failed > 0 ? 1 : 0);
