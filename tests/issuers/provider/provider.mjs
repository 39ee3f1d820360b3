// Runs one OpenID provider on 127.0.0.1 until standard input is closed.
//
// The first line of standard input has the settings: `port`, `path` of the issuer, `keys` (private JWKs, or `{"generate": ..}`),
// `logout_uri` of the clients, `hide_openid` for an authorization server without OpenID's discovery document, `redirect_uri`
// of a client `app`, and `methods` (`acr` and `amr`) for ID tokens. The first line of standard output has the issuer and its
// keys. Each later one has a request.
//
// The user who signs in is `login_hint`, or `alice`. The user `refuses` does not.

import { generateKeyPairSync, createPublicKey, createSecretKey } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import { Provider } from 'oidc-provider';

const ALGORITHMS = [
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519',
];
const SYMMETRIC = ['HS256', 'HS384', 'HS512'];
const SECRET = 'a secret of at least sixty-four bytes, which the longest HMAC asks for';
const OPENID = '/.well-known/openid-configuration';
const RFC_8414 = '/.well-known/oauth-authorization-server';

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

const KEY_TYPES = {
  RSA: ['rsa', { modulusLength: 2048 }],
  'P-256': ['ec', { namedCurve: 'P-256' }],
  'P-384': ['ec', { namedCurve: 'P-384' }],
  'P-521': ['ec', { namedCurve: 'P-521' }],
  Ed25519: ['ed25519', {}],
};

/** Returns a private JWK: the given one, or a new one with the other members. */
function privateJwk({ generate, ...members }) {
  if (!generate) return members;
  const { privateKey } = generateKeyPairSync(...KEY_TYPES[generate]);
  return { ...privateKey.export({ format: 'jwk' }), ...members };
}

/** Returns the clients: a service without users, and web applications for each algorithm of ID tokens. */
function clients(logoutUri, redirectUri) {
  const secret = { client_secret: SECRET, token_endpoint_auth_method: 'client_secret_post' };
  // Otherwise the default, RS256, which a provider without an RSA key does not have.
  const signed = (alg) => ({
    id_token_signed_response_alg: alg,
    authorization_signed_response_alg: alg,
    introspection_signed_response_alg: alg,
  });
  const service = {
    ...secret,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    ...signed('HS256'),
  };
  const web = {
    ...secret,
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: ['http://127.0.0.1/signed-in'],
    ...(logoutUri && { backchannel_logout_uri: logoutUri }),
  };
  return [
    { ...service, client_id: 'service' },
    { ...service, client_id: 'service-with-certificate', tls_client_certificate_bound_access_tokens: true },
    ...[...ALGORITHMS, ...SYMMETRIC].map((alg) => ({
      ...web,
      client_id: `web-${alg}`,
      ...signed(alg),
      userinfo_signed_response_alg: alg,
      backchannel_logout_session_required: true,
    })),
    { ...web, client_id: 'web-without-sid', ...signed('ES256') },
    ...(redirectUri ? [{
      ...web,
      client_id: 'app',
      token_endpoint_auth_method: 'client_secret_basic',
      redirect_uris: [redirectUri],
      ...signed('ES256'),
    }] : []),
  ];
}

/** Reads from a resource indicator (RFC 8707) how its access tokens are written. */
function resourceServer(resource, encryptionKey) {
  const { searchParams: wanted } = new URL(resource);
  const alg = wanted.get('alg');
  const sign = alg && { alg, ...(SYMMETRIC.includes(alg) && { key: createSecretKey(Buffer.from(SECRET)) }) };
  const encrypt = wanted.has('encrypted') && { alg: 'ECDH-ES', enc: 'A256GCM', key: encryptionKey };
  const info = { scope: 'read write', audience: wanted.get('audience') ?? 'billing', accessTokenTTL: 600 };
  if (wanted.has('opaque')) return { ...info, accessTokenFormat: 'opaque' };
  return { ...info, accessTokenFormat: 'jwt', jwt: { ...(sign && { sign }), ...(encrypt && { encrypt }) } };
}

/** Returns the configuration of a provider that has every feature the tests ask for. */
function configuration({ keys, path, logout_uri: logoutUri, redirect_uri: redirectUri, methods }) {
  const encryptionKey = createPublicKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  const enabled = { enabled: true };
  return {
    jwks: { keys },
    clients: clients(logoutUri, redirectUri),
    clientAuthMethods: ['client_secret_post', 'client_secret_basic'],
    ...(methods && { acrValues: [methods.acr], claims: { openid: ['sub', 'acr', 'amr'] } }),
    cookies: { keys: ['of the tests'] },
    pkce: { required: () => false },
    enabledJWA: {
      idTokenSigningAlgValues: [...ALGORITHMS, ...SYMMETRIC],
      authorizationSigningAlgValues: [...ALGORITHMS, ...SYMMETRIC],
      introspectionSigningAlgValues: [...ALGORITHMS, ...SYMMETRIC],
      userinfoSigningAlgValues: [...ALGORITHMS, ...SYMMETRIC],
      dPoPSigningAlgValues: ['ES256'],
    },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    // The session of an access token, as Keycloak writes it, so that the end of a session can reach it.
    extraTokenClaims: (_, token) => (token.sid ? { sid: token.sid } : undefined),
    issueRefreshToken: () => true,
    interactions: { url: (_, interaction) => `${path}/interaction/${interaction.uid}` },
    // The default refuses loopback addresses, where the client of the tests expects its logout tokens.
    fetch: (url, { dispatcher: _, ...options }) => fetch(url, options),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: enabled,
      backchannelLogout: enabled,
      dPoP: enabled,
      introspection: enabled,
      jwtIntrospection: enabled,
      jwtResponseModes: enabled,
      jwtUserinfo: enabled,
      mTLS: {
        enabled: true,
        certificateBoundAccessTokens: true,
        // As a proxy that ends TLS passes it on.
        getCertificate: (ctx) => decodeURIComponent(ctx.get('client-certificate')) || undefined,
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => resourceServer(resource, encryptionKey),
      },
      rpInitiatedLogout: { enabled: true, logoutSource: (ctx, form) => { ctx.body = form; } },
    },
  };
}

/** Answers each prompt in the name of a user who agrees: signs the user in, and grants what is asked for. */
async function agree(provider, methods, request, response) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  const accountId = params.login_hint ?? 'alice';
  const result = {};
  if (accountId === 'refuses') {
    result.error = 'access_denied';
  } else if (prompt.name === 'login') {
    result.login = { accountId, ...methods };
  } else {
    const grant = (await provider.Grant.find(grantId))
      ?? new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    for (const resource of [params.resource ?? []].flat()) grant.addResourceScope(resource, params.scope);
    result.consent = { grantId: await grant.save() };
  }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

/** Serves a request below the path of the issuer. */
function route(provider, { path, hide_openid: hideOpenid, methods }, request, response) {
  const url = request.url;
  say({ request: `${request.method} ${url.split('?')[0]}` });
  if (hideOpenid && url.endsWith(OPENID)) {
    response.writeHead(404).end();
  } else if (url.startsWith(`${path}/interaction/`)) {
    agree(provider, methods, request, response).catch((error) => response.writeHead(500).end(error.stack));
  } else {
    // The document of RFC 8414 has the issuer's path behind the well-known one, not before it.
    const inner = url === `${RFC_8414}${path}` ? RFC_8414 : url.slice(path.length);
    request.originalUrl = `${path}${inner}`;
    request.url = inner;
    provider.callback()(request, response);
  }
}

function start(settings) {
  const { port = 0, path = '' } = settings;
  const keys = settings.keys.map(privateJwk);
  const server = createServer();
  server.listen(port, '127.0.0.1', () => {
    const issuer = `http://127.0.0.1:${server.address().port}${path}`;
    const provider = new Provider(issuer, configuration({ ...settings, keys, path }));
    provider.on('server_error', (_, error) => console.error(error));
    provider.on('backchannel.error', (_, error) => console.error(error));
    server.on('request', (request, response) => route(provider, { ...settings, path }, request, response));
    say({ issuer, keys });
  });
}

const input = createInterface({ input: process.stdin });
input.once('line', (line) => start(JSON.parse(line)));
input.once('close', () => process.exit());
