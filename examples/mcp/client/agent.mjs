// An agent: the client of the MCP SDK, with its tokens and a record of what it was answered.

import assert from 'node:assert/strict';

import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { Browser } from './browser.mjs';

/** The agent of one user. The SDK calls it as its `OAuthClientProvider`. */
export class Agent {
  redirectUrl = 'http://127.0.0.1/callback';
  clientMetadata = { redirect_uris: [this.redirectUrl], token_endpoint_auth_method: 'none' };
  /** The answers to requests since the last look: method, URL, status and challenge. */
  #answers = [];
  #server;
  #browser;
  #transport;
  #tokens;
  #verifier;

  constructor(server, user) {
    this.#server = server;
    this.#browser = new Browser(user);
  }

  clientInformation = () => ({ client_id: 'notes-agent' });
  tokens = () => this.#tokens;
  saveTokens = (tokens) => { this.#tokens = tokens; };
  codeVerifier = () => this.#verifier;
  saveCodeVerifier = (verifier) => { this.#verifier = verifier; };

  /** Keeps the page where the user decides. The scopes that a challenge names are added to those that the agent has. */
  redirectToAuthorization(url) {
    const scopes = new Set([this.#tokens?.scope, url.searchParams.get('scope')].join(' ').trim().split(' '));
    url.searchParams.set('scope', [...scopes].join(' '));
    this.authorizationUrl = url;
  }

  /** Connects, and throws an `UnauthorizedError` if the user must decide first. */
  async connect() {
    this.#transport = new StreamableHTTPClientTransport(new URL(this.#server), {
      authProvider: this,
      fetch: (url, init) => this.#fetch(url, init),
    });
    this.client = new Client({ name: 'notes-agent', version: '1.0.0' });
    await this.client.connect(this.#transport);
  }

  /** Calls a tool and returns its text. */
  async call(name, args = {}) {
    const { content } = await this.client.callTool({ name, arguments: args });
    return content.map(({ text }) => text).join('');
  }

  /** Asserts that the user must decide before a call succeeds. */
  async mustAsk(call) {
    await assert.rejects(call, UnauthorizedError);
  }

  /** Lets the user decide, and fetches the token. Returns the pages that the user saw. */
  async ask() {
    const { answer, pages } = await this.#browser.authorize(this.authorizationUrl);
    await this.#transport.finishAuth(answer.code);
    return pages;
  }

  /** Opens another authorization URL in the user's browser, and returns the code. */
  async codeFrom(url) {
    const { answer } = await this.#browser.authorize(url);
    return answer.code;
  }

  /** Returns the answers since the last look, except for the refusal of a stream, which comes at any time. */
  answers() {
    return this.#answers.splice(0).filter(({ status }) => status !== 405);
  }

  async #fetch(url, init) {
    const response = await fetch(url, init);
    const challenge = response.headers.get('www-authenticate');
    this.#answers.push({ method: init?.method ?? 'GET', url: String(url), status: response.status, challenge });
    return response;
  }
}
