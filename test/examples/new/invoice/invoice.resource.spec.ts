import { InvoiceResource } from './invoice.resource.js';

describe('InvoiceResource', () => {
  it('reads one', () => {
    expect(new InvoiceResource().invoice({ id: 'A-7' })).toEqual({ id: 'A-7' });
  });
});
