import { describe, expect, test } from '@jest/globals';
import { answerOf, requestIn } from '../../../src/entrypoints/lambda/gateway-event.ts';
import { UnknownEvent } from '../../../src/entrypoints/lambda/events.ts';
import { domainName, gatewayEvent } from '../../emulators/gateway-event.ts';

describe('the request in an event', () => {
  test('has its method, address, headers and body', async () => {
    const headers = { 'Content-Type': 'application/json', 'X-Two': 'a,b' };
    const { request, sender } = requestIn(gatewayEvent({ method: 'POST', path: '/imports?a=1&b=%20', headers, body: '{"ü":1}' }));
    expect([request.method, request.url, sender]).toStrictEqual(['POST', `https://${domainName}/imports?a=1&b=%20`, '192.0.2.1']);
    expect([request.headers.get('x-two'), request.headers.get('content-length'), await request.text()]).toStrictEqual([
      'a,b',
      '8',
      '{"ü":1}',
    ]);
  });

  test('has its bytes, whatever they are', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
    const { request, mangled } = requestIn(
      gatewayEvent({ method: 'POST', path: '/imports', headers: { 'Content-Type': 'application/octet-stream' }, body: bytes }),
    );
    expect([new Uint8Array(await request.arrayBuffer()), mangled]).toStrictEqual([bytes, false]);
  });

  test('says where text was no UTF-8, for of that the gateway leaves nothing', () => {
    const sent = (type: string, body: Uint8Array | string) =>
      requestIn(gatewayEvent({ method: 'POST', path: '/imports', headers: { 'Content-Type': type }, body })).mangled;
    const gb18030 = Uint8Array.from([0xc0, 0xee, 0xc0, 0xd7]);
    expect(['text/csv', 'Text/CSV; charset=gb18030', 'application/octet-stream'].map((type) => sent(type, gb18030))).toStrictEqual([
      true,
      // The double of the gateway tells text by its type in lower case.
      false,
      false,
    ]);
    expect(sent('text/csv', '李雷')).toBe(false);
    expect(sent('application/json', '"\ufffd"')).toBe(false);
  });

  test.each([
    ['/users/a b?c', '/users/a%20b%3Fc'],
    ['/users/100%', '/users/100%25'],
    ['/users/a%20b', '/users/a%20b'],
    ['/users/李😀#x', '/users/%E6%9D%8E%F0%9F%98%80%23x'],
    ["/users/o'neil+1@example.com", "/users/o'neil+1@example.com"],
  ])('a path that was decoded, such as %s, is no other one', (rawPath, path) => {
    const { request } = requestIn({ ...gatewayEvent({ path: '/' }), rawPath, rawQueryString: '' });
    expect(request.url).toBe(`https://${domainName}${path}`);
  });

  test.each([
    ['a token of a person', { sub: 'person', client_id: 'app' }, 'person'],
    ['a token of a program', { client_id: 'program' }, 'program'],
    ['another issuer’s', { azp: 'program' }, 'program'],
    ['a token without a name', { iss: 'x' }, undefined],
    ['no token', undefined, undefined],
  ])('tells whom the authorizer let in: %s', (_, claims, subject) => {
    expect(requestIn(gatewayEvent({ path: '/', ...(claims && { claims: claims }) })).subject).toBe(subject);
  });

  test('of GET has no body, and bytes in headers stay', () => {
    const { request } = requestIn(gatewayEvent({ path: '/', body: 'x', headers: { 'Content-Type': 'text/plain', 'X-Name': 'ü' } }));
    expect([request.body, Buffer.from(request.headers.get('x-name') ?? '', 'latin1').toString()]).toStrictEqual([null, 'ü']);
  });

  test.each([undefined, null, [], {}, { Records: [] }, { ...gatewayEvent({ path: '/' }), version: '1.0' }])(
    'is in no other event: %j',
    (event) => {
      expect(() => requestIn(event)).toThrow(UnknownEvent);
    },
  );
});

describe('the answer', () => {
  test('of text goes as text, any other as base64', async () => {
    const json = new Response('{"ü":1}', { status: 202, headers: { 'Content-Type': 'application/problem+json', Location: '/x' } });
    expect(await answerOf(json, 1_000)).toStrictEqual({
      statusCode: 202,
      headers: { 'content-type': 'application/problem+json', location: '/x' },
      body: '{"ü":1}',
      isBase64Encoded: false,
    });
    const zipped = new Response(Uint8Array.from([31, 139]), { headers: { 'Content-Type': 'text/html', 'Content-Encoding': 'gzip' } });
    expect(await answerOf(zipped, 1_000)).toMatchObject({ body: 'H4s=', isBase64Encoded: true });
    expect(await answerOf(new Response(null, { status: 304 }), 1_000)).toMatchObject({ statusCode: 304, body: '', isBase64Encoded: false });
  });

  test('that is too large on its way is none, and is not read to its end', async () => {
    const text = (body: string) => answerOf(new Response(body, { headers: { 'Content-Type': 'text/csv' } }), 100);
    expect(await text('x'.repeat(98))).toBeDefined();
    expect(await text('x'.repeat(99))).toBeUndefined();
    expect(await text('"'.repeat(50))).toBeUndefined();
    let [read, left] = [0, false];
    const long = new ReadableStream({
      pull: (controller) => {
        read += 1;
        controller.enqueue(new Uint8Array(60));
        if (read === 1_000) controller.close();
      },
      cancel: () => {
        left = true;
      },
    });
    expect(await answerOf(new Response(long), 100)).toBeUndefined();
    expect([read < 5, left]).toStrictEqual([true, true]);
  });
});
