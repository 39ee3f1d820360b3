// The walk: an agent is refused, finds its authorization server, and is served with what its user allows.
//
// The arguments are the MCP server and another resource of the same provider. The walk fails at the first answer that is not
// the expected one.

import assert from 'node:assert/strict';

import {
  discoverOAuthServerInfo, exchangeAuthorization, startAuthorization,
} from '@modelcontextprotocol/sdk/client/auth.js';

import { Agent } from './agent.mjs';

const [server, other] = process.argv.slice(2);
const metadata = new URL(`/.well-known/oauth-protected-resource${new URL(server).pathname}`, server).href;

const say = (text) => console.log(text);

/** Prints a value with its name, and fails unless it is the expected one. */
function expect(name, actual, expected) {
  assert.deepEqual(actual, expected, `${name}: ${JSON.stringify(actual)}`);
  say(`   ${name}: ${typeof actual === 'string' && actual ? actual : JSON.stringify(actual)}`);
}

/** Prints the answer of a tool, and fails unless it is the expected one. */
const served = async (agent, tool, args, expected) => expect(tool, await agent.call(tool, args), expected);

/** Returns the claims of a token. */
const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

const refusal = ({ status, challenge }) => `${status} ${challenge}`;

const ada = new Agent(server, 'ada');

say('1. without a token the server reveals nothing, except where a token comes from');
await ada.mustAsk(() => ada.connect());
const [refused, ...discovery] = ada.answers();
expect('denial', refusal(refused), `401 Bearer scope="notes:read", resource_metadata="${metadata}"`);

say('2. the agent follows that URL to the metadata of the server, and from there to its authorization server');
const document = await (await fetch(metadata)).json();
const issuer = document.authorization_servers?.[0];
expect('metadata', document, {
  resource: server,
  authorization_servers: [issuer],
  scopes_supported: ['notes:read', 'notes:write'],
  bearer_methods_supported: ['header'],
  resource_name: 'Notes',
});
expect('requests', discovery.map(({ method, url, status }) => `${method} ${url} ${status}`), [
  `GET ${metadata} 200`,
  `GET ${issuer}/.well-known/oauth-authorization-server 200`,
]);

say('3. it asks for a code with PKCE, for this server and for the scope of the challenge');
const { code_challenge: pkce, ...request } = Object.fromEntries(ada.authorizationUrl.searchParams);
assert.match(pkce, /^[\w-]{43}$/);
expect('request', request, {
  response_type: 'code',
  client_id: 'notes-agent',
  code_challenge_method: 'S256',
  redirect_uri: 'http://127.0.0.1/callback',
  scope: 'notes:read',
  resource: server,
});

say('4. ada logs in and allows it, and the agent is served with its token');
expect('pages that ada sees', await ada.ask(), ['login', 'consent to notes:read']);
const { iss, aud, sub, client_id: client, scope } = claims(ada.tokens().access_token);
expect('claims', { iss, aud, sub, client, scope }, {
  iss: issuer, aud: server, sub: 'ada', client: 'notes-agent', scope: 'notes:read',
});
await ada.connect();
const { tools } = await ada.client.listTools();
expect('tools', tools.map(({ name }) => name).sort(), ['add_note', 'list_notes']);
await served(ada, 'list_notes', {}, '');

say('5. a tool that needs more is refused, and the challenge names the scope');
ada.answers();
await ada.mustAsk(() => ada.call('add_note', { text: 'buy milk' }));
expect('denial', refusal(ada.answers()[0]),
  `403 Bearer error="insufficient_scope", scope="notes:write", resource_metadata="${metadata}"`);

say('6. ada allows that too: the browser is still logged in, and the first scope still allowed');
expect('scope of the request', ada.authorizationUrl.searchParams.get('scope'), 'notes:read notes:write');
expect('pages that ada sees', await ada.ask(), ['consent to notes:write']);
expect('scope of the token', claims(ada.tokens().access_token).scope, 'notes:read notes:write');
await served(ada, 'add_note', { text: 'buy milk' }, 'notes-agent added a note');
await served(ada, 'list_notes', {}, 'buy milk');

say('7. a token for another resource is refused, although the same provider signed it, with the same scopes for the same user');
const { authorizationServerMetadata } = await discoverOAuthServerInfo(server);
const flow = {
  metadata: authorizationServerMetadata,
  clientInformation: ada.clientInformation(),
  redirectUrl: ada.redirectUrl,
  redirectUri: ada.redirectUrl,
  scope: 'notes:read notes:write',
  resource: new URL(other),
};
const { authorizationUrl, codeVerifier } = await startAuthorization(issuer, flow);
const authorizationCode = await ada.codeFrom(authorizationUrl);
const { access_token: foreign } = await exchangeAuthorization(issuer, { ...flow, authorizationCode, codeVerifier });
const read = ({ iss: by, aud: audience, sub: user, scope: scopes }) => ({ by, audience, user, scopes });
expect('claims', read(claims(foreign)), { by: issuer, audience: other, user: 'ada', scopes: 'notes:read notes:write' });
const list = (token) => fetch(server, {
  method: 'POST',
  headers: {
    authorization: `Bearer ${token}`,
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
  },
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
});
const answer = await list(foreign);
expect('denial', refusal({ status: answer.status, challenge: answer.headers.get('www-authenticate') }),
  `401 Bearer error="invalid_token", scope="notes:read", resource_metadata="${metadata}"`);
assert.equal((await list(ada.tokens().access_token)).status, 200); // the same request with ada's own token

say('8. the user comes from the token: an argument that claims to be another changes nothing');
const bob = new Agent(server, 'bob');
await bob.mustAsk(() => bob.connect());
expect('pages that bob sees', await bob.ask(), ['login', 'consent to notes:read']);
await bob.connect();
await served(bob, 'list_notes', { user: 'ada', sub: 'ada', agent: { sub: 'ada' } }, '');
await served(ada, 'list_notes', {}, 'buy milk');

await Promise.all([ada.client.close(), bob.client.close()]);
