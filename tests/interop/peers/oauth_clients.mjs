// Two OAuth2 clients: openid-client and oauth4webapi, whichever the argument names.
//
// Reads a request per line, and writes what the client returns or throws, as JSON.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { createRemoteJWKSet, jwtVerify } from "jose";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";

const openidClient = {
  async configuration({ server, issuer, endpoint, client_id: id, authentication, secret }) {
    const authentications = {
      none: () => openid.None(),
      client_secret_basic: () => openid.ClientSecretBasic(secret),
      client_secret_post: () => openid.ClientSecretPost(secret),
    };
    const method = authentications[authentication ?? "none"]();
    // The documented switch for plain HTTP. The server is on a loopback address.
    const options = { algorithm: "oauth2", execute: [openid.allowInsecureRequests] };
    const found = await openid.discovery(new URL(issuer), id, undefined, method, options);
    if (endpoint === undefined) {
      return found;
    }
    const metadata = { ...found.serverMetadata(), token_endpoint: server + endpoint };
    const configuration = new openid.Configuration(metadata, id, undefined, method);
    openid.allowInsecureRequests(configuration);
    return configuration;
  },

  async discover(request) {
    const configuration = await this.configuration(request);
    return { metadata: configuration.serverMetadata() };
  },

  // Tokens are for jose, of the same author.
  async verify(request) {
    const configuration = await this.configuration(request);
    const { issuer, jwks_uri: address } = configuration.serverMetadata();
    const { payload } = await jwtVerify(request.token, createRemoteJWKSet(new URL(address)), { issuer });
    return { issuer: payload.iss };
  },

  async token(request) {
    const configuration = await this.configuration(request);
    const parameters = withScope(request);
    switch (request.grant) {
      case "refresh_token": {
        const { refresh_token: token, ...rest } = parameters;
        return { token: await openid.refreshTokenGrant(configuration, token, rest) };
      }
      case "client_credentials":
        return { token: await openid.clientCredentialsGrant(configuration, parameters) };
      default:
        return { token: await openid.genericGrantRequest(configuration, request.grant, parameters) };
    }
  },

  async revoke(request) {
    const configuration = await this.configuration(request);
    await openid.tokenRevocation(configuration, request.token, { token_type_hint: request.hint });
    return { status: 200, body: "" };
  },

  async call(request) {
    const configuration = await this.configuration(request);
    const url = new URL(request.path, request.server);
    return returned(await openid.fetchProtectedResource(configuration, request.token, url, "GET"));
  },
};

const oauth4webapi = {
  // The documented switch for plain HTTP. The server is on a loopback address.
  options: { [oauth.allowInsecureRequests]: true },

  async metadata({ server, issuer: identifier, endpoint }) {
    const issuer = new URL(identifier);
    const response = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...this.options });
    const metadata = await oauth.processDiscoveryResponse(issuer, response);
    return endpoint === undefined ? metadata : { ...metadata, token_endpoint: server + endpoint };
  },

  authentication({ authentication, secret }) {
    const authentications = {
      none: () => oauth.None(),
      client_secret_basic: () => oauth.ClientSecretBasic(secret),
      client_secret_post: () => oauth.ClientSecretPost(secret),
    };
    return authentications[authentication ?? "none"]();
  },

  async discover(request) {
    return { metadata: await this.metadata(request) };
  },

  async token(request) {
    const server = await this.metadata(request);
    const client = { client_id: request.client_id };
    const common = [server, client, this.authentication(request)];
    const parameters = withScope(request);
    switch (request.grant) {
      case "refresh_token": {
        const { refresh_token: token, ...additionalParameters } = parameters;
        const options = { additionalParameters, ...this.options };
        const response = await oauth.refreshTokenGrantRequest(...common, token, options);
        return { token: await oauth.processRefreshTokenResponse(server, client, response) };
      }
      case "client_credentials": {
        const response = await oauth.clientCredentialsGrantRequest(...common, parameters, this.options);
        return { token: await oauth.processClientCredentialsResponse(server, client, response) };
      }
      default: {
        const grant = [request.grant, parameters, this.options];
        const response = await oauth.genericTokenEndpointRequest(...common, ...grant);
        return { token: await oauth.processGenericTokenEndpointResponse(server, client, response) };
      }
    }
  },

  async revoke(request) {
    const server = await this.metadata(request);
    const client = { client_id: request.client_id };
    const options = { additionalParameters: { token_type_hint: request.hint }, ...this.options };
    const response = await oauth.revocationRequest(server, client, oauth.None(), request.token, options);
    await oauth.processRevocationResponse(response);
    return { status: response.status, body: "" };
  },

  async call(request) {
    const call = [request.token, "GET", new URL(request.path, request.server), undefined, undefined];
    return returned(await oauth.protectedResourceRequest(...call, this.options));
  },
};

function withScope({ parameters, scope }) {
  return scope === undefined ? parameters : { ...parameters, scope };
}

async function returned(response) {
  return { status: response.status, body: await response.text() };
}

// Describes an error by what the clients document: `error` of OAuth2, the status, the parsed challenges, and the response.
async function thrown(error) {
  const response = error.response ?? (error.cause instanceof Response ? error.cause : undefined);
  const described = { raised: error.name, code: error.error ?? null, status: error.status ?? response?.status };
  if (error instanceof oauth.WWWAuthenticateChallengeError) {
    const { scheme, parameters } = error.cause[0];
    described.code = parameters.error ?? null;
    described.scope = parameters.scope;
    described.scheme = parameters.error ? undefined : scheme;
  }
  if (response === undefined) {
    described.text = error.message;
    return described;
  }
  described.retry_after = response.headers.get("retry-after");
  const body = response.bodyUsed ? "" : await response.text();
  if (described.code === null && body !== "") {
    described.code_in_body = JSON.parse(body).error;
  }
  return described;
}

async function respond(client, request) {
  if (client[request.operation] === undefined) {
    return { absent: true };
  }
  try {
    return await client[request.operation](request);
  } catch (error) {
    return await thrown(error);
  }
}

const name = process.argv[2];
const client = { "openid-client": openidClient, oauth4webapi }[name];
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  if (request.operation === "name") {
    const manifest = new URL(`node_modules/${name}/package.json`, import.meta.url);
    const { version } = JSON.parse(readFileSync(manifest, "utf8"));
    console.log(JSON.stringify({ name: `${name} ${version}` }));
  } else {
    console.log(JSON.stringify(await respond(client, request)));
  }
}
