// Runs an OpenID provider on a free port of 127.0.0.1 until standard input is closed: the authorization server of the example.
//
// The arguments are the resources that tokens may be requested for. The first line of standard output is the issuer.

import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';

// The provider warns that it keeps everything in memory and takes every password, as it should here.
console.info = console.warn = () => {};
const { Provider, errors } = await import('oidc-provider');

const resources = process.argv.slice(2);

/** Returns what access tokens for a resource look like (RFC 8707), and which scopes they may have. */
function resourceServer(_, resource) {
  if (!resources.includes(resource)) throw new errors.InvalidTarget();
  return {
    scope: 'notes:read notes:write',
    accessTokenFormat: 'jwt',
    accessTokenTTL: 600,
    jwt: { sign: { alg: 'ES256' } },
  };
}

function configuration() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256' }] },
    cookies: { keys: ['of the example'] },
    // A public client, as an agent on a user's machine is: without a secret, and with PKCE. It is registered here, because a
    // client that registers itself gets the scopes of its first request only, and could not ask for more later.
    clients: [{
      client_id: 'notes-agent',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/callback'],
      id_token_signed_response_alg: 'ES256',
    }],
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    features: {
      devInteractions: { enabled: true }, // pages for login and consent, which take every password
      resourceIndicators: { enabled: true, getResourceServerInfo: resourceServer },
    },
  };
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration());
  provider.on('server_error', (_, error) => console.error(error));
  server.on('request', provider.callback());
  console.log(issuer);
});
process.stdin.resume().once('close', () => process.exit());
