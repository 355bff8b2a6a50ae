/** Group of pages in the sidebar. */
interface Section {
  readonly title: string;
  /** Title of each page, by its path in the repository. */
  readonly pages: Readonly<Record<string, string>>;
}

/** Every page of the site except those of the folders below, in the order of the sidebar. */
export const SECTIONS: readonly Section[] = [
  {
    title: 'Start',
    pages: {
      'docs/index.md': 'Which page do I need?',
      'README.md': 'Five minutes to a tool',
      'docs/comparison.md': 'Comparison',
      'docs/coming-from.md': 'Coming from another framework',
    },
  },
  {
    title: 'Write tools',
    pages: {
      'docs/writing-tools.md': 'Writing tools',
      'docs/class-inputs.md': 'Classes as inputs',
      'docs/resources.md': 'Resources',
      'docs/prompts.md': 'Prompts',
      'docs/elicitation.md': 'Elicitation',
      'docs/progress.md': 'Progress, logging, cancellation',
      'docs/chatgpt.md': 'ChatGPT',
      'docs/authorization.md': 'Authorization',
      'docs/tenants.md': 'Tenants',
      'docs/database.md': 'The database',
      'docs/settings.md': 'Settings of your own',
      'docs/reference.md': 'Reference of options',
      'docs/testing.md': 'Testing your tools',
    },
  },
  {
    title: 'In a NestJS application',
    pages: {
      'docs/embedding.md': 'Aerie in your application',
      'docs/many-tools.md': 'Many tools',
      'docs/existing-api.md': 'Your existing API as tools',
      'docs/openapi.md': 'An OpenAPI document as tools',
      'docs/upgrading.md': 'Upgrading',
    },
  },
  {
    title: 'Configure',
    pages: {
      'docs/configuration.md': 'Configuration',
      'docs/own-keys.md': 'Own keys',
      'docs/transports.md': 'Transports and eras',
      'docs/clients.md': 'Clients',
      'docs/connect-page.md': 'The connect page',
      'docs/discovery.md': 'Be found and listed',
      'docs/cli.md': 'The command line',
    },
  },
  {
    title: 'Deploy and operate',
    pages: {
      'docs/deploy.md': 'Deploying',
      'docs/kubernetes.md': 'Kubernetes',
      'docs/ecs.md': 'Amazon ECS',
      'docs/proxies.md': 'Proxies',
      'docs/observability.md': 'Observability',
      'docs/logs.md': 'The log',
      'docs/audit.md': 'The audit trail',
      'docs/rotation.md': 'Rotation and reload',
      'docs/revocation.md': 'Revocation',
      'docs/troubleshooting.md': 'Troubleshooting',
    },
  },
  {
    title: 'Look inside',
    pages: {
      'SECURITY.md': 'Security',
      'docs/architecture.md': 'Architecture',
      'docs/conformance.md': 'Conformance',
      'docs/performance.md': 'Performance',
      'docs/benchmark.md': 'Benchmark',
      'CONTRIBUTING.md': 'Contributing',
      'docs/style.md': 'Style guide',
      'CODE_OF_CONDUCT.md': 'Code of conduct',
      'CHANGELOG.md': 'Changelog',
    },
  },
];

/** Folders of short pages. Their README lists them, and the sidebar lists them by their headings. */
export const FOLDERS = { 'docs/runbooks': 'Runbooks', 'docs/decisions': 'Decisions' } as const;
