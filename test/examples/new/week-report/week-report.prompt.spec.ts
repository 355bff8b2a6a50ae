import { WeekReportPrompt } from './week-report.prompt.js';

describe('WeekReportPrompt', () => {
  it('asks for the topic', () => {
    expect(new WeekReportPrompt().weekReport({ topic: 'invoices' })).toBe('Explain invoices.');
  });
});
