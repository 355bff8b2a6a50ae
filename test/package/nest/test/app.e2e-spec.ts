import type { INestApplication } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import type { App } from 'supertest/types.js';

import { AppModule } from './../src/app.module.js';
import { setUp } from './../src/set-up.js';

describe('the shop', () => {
  let app: INestApplication<App>;
  let token: string;
  beforeAll(async () => {
    const testing = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = testing.createNestApplication();
    setUp(app);
    await app.init();
    token = await app.get(JwtService).signAsync({ sub: 'alice' });
  });
  afterAll(() => app.close());

  const order = (body: object) => request(app.getHttpServer()).post('/api/orders').send(body);

  it('requires its own token', async () => {
    await order({ article: 'pen', quantity: 2 }).expect(401, /Sign in to the shop/);
    await request(app.getHttpServer()).get('/api').expect(401);
  });

  it('validates and takes an order', async () => {
    const authorization = `Bearer ${token}`;
    await order({ article: 'pen', quantity: 0 })
      .set({ authorization })
      .expect(400, /quantity must not be less than 1/);
    await order({ article: 'pen', quantity: 2 }).set({ authorization }).expect(201, { ordered: '2 × pen' });
  });

  it('documents its routes', async () => {
    const { body } = await request(app.getHttpServer()).get('/docs-json').expect(200);
    expect(Object.keys(body.paths)).toEqual(expect.arrayContaining(['/api/orders']));
  });
});
