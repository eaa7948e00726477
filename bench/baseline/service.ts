import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { BaselineStore } from './store';

const JSON_TYPE = 'application/json; charset=utf-8';
const DUPLICATE = 'ER_DUP_ENTRY';

export type MemberStore = Pick<BaselineStore, 'read' | 'readByAccount' | 'readByPhone' | 'register' | 'patch' | 'bind'>;

interface Registration {
  readonly profile: Record<string, unknown>;
  readonly accounts?: { platform: string; account: string }[];
}

interface MemberParameters {
  readonly id: string;
}

interface AccountParameters {
  readonly platform: string;
  readonly account: string;
}

const REGISTRATION = {
  type: 'object',
  required: ['profile'],
  properties: {
    profile: { type: 'object', required: ['name'], properties: { name: { type: 'string', maxLength: 100 } } },
    accounts: {
      type: 'array',
      items: {
        type: 'object',
        required: ['platform', 'account'],
        properties: { platform: { type: 'string' }, account: { type: 'string', minLength: 1, maxLength: 128 } },
      },
    },
  },
};

/**
 * The member service that one would write first: the same calls on the same engines, one region, a cache in front of
 * the rows. No key of a caller is checked; there are no versions, no fences, no events, and no second region.
 */
export function createBaseline(store: MemberStore): FastifyInstance {
  const app = fastify({ logger: false, keepAliveTimeout: 65_000 });
  app.addContentTypeParser(
    'application/merge-patch+json',
    { parseAs: 'string' },
    app.getDefaultJsonParser('error', 'error'),
  );
  app.setErrorHandler((error, _request, reply) => {
    const isTaken = (error as { code?: string }).code === DUPLICATE;
    const status = isTaken ? 409 : ((error as { statusCode?: number }).statusCode ?? 500);
    void reply.code(status).send({ status, code: isTaken ? 'ACCOUNT_BOUND' : 'ERROR' });
  });
  app.get<{ Params: MemberParameters }>('/v1/order/members/:id', async ({ params }, reply) =>
    sendMember(reply, await store.read(params.id)),
  );
  app.get<{ Params: AccountParameters }>('/v1/order/accounts/:platform/:account', async ({ params }, reply) =>
    sendMember(reply, await store.readByAccount(params.platform, params.account)),
  );
  app.get<{ Querystring: { phone: string } }>('/v1/order/members', async ({ query }, reply) => {
    const items = await store.readByPhone(query.phone);
    return reply.header('content-type', JSON_TYPE).send(`{"items":[${items.join()}]}`);
  });
  app.post<{ Body: Registration }>('/v1/order/members', { schema: { body: REGISTRATION } }, async ({ body }, reply) => {
    const { memberId, json } = await store.register(body.profile, body.accounts ?? []);
    reply.code(201).header('location', `/v1/order/members/${memberId}`);
    return sendMember(reply, json);
  });
  app.patch<{ Params: MemberParameters; Body: Record<string, unknown> }>(
    '/v1/order/members/:id',
    async ({ params, body }, reply) => sendMember(reply, await store.patch(params.id, body)),
  );
  app.put<{ Params: MemberParameters & AccountParameters }>(
    '/v1/order/members/:id/accounts/:platform/:account',
    async ({ params }, reply) => sendMember(reply, await store.bind(params.id, params.platform, params.account)),
  );
  return app;
}

function sendMember(reply: FastifyReply, json: string | undefined): FastifyReply {
  if (json === undefined) return reply.code(404).send({ status: 404, code: 'MEMBER_NOT_FOUND' });
  return reply.header('content-type', JSON_TYPE).send(json);
}
