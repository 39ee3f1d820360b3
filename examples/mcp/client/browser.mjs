// A user with a browser: it keeps cookies, follows redirects, and fills in the forms of the provider.

import assert from 'node:assert/strict';

export class Browser {
  #cookies = new Map();
  #user;

  constructor(user) {
    this.#user = user;
  }

  /**
   * Opens an authorization URL, logs in and consents. Returns the parameters of the redirect back to the client, and the
   * pages on the way.
   */
  async authorize(url) {
    const redirectUri = url.searchParams.get('redirect_uri');
    const pages = [];
    let page = await this.#open(url);
    for (let steps = 0; steps < 20; steps += 1) {
      if (page.location?.href.startsWith(`${redirectUri}?`)) {
        return { answer: Object.fromEntries(page.location.searchParams), pages };
      }
      if (page.location) {
        page = await this.#open(page.location);
      } else {
        pages.push(page.html.includes('name="password"') ? 'login' : `consent to ${scopesOn(page.html)}`);
        page = await this.#submit(page);
      }
    }
    throw new Error(`no redirect to ${redirectUri}: ${pages}`);
  }

  /** Submits the form of a page, with what the user types. */
  #submit({ url, html }) {
    const action = html.match(/<form[^>]* action="([^"]+)"/)[1];
    const fields = new URLSearchParams();
    for (const [input] of html.matchAll(/<input[^>]*>/g)) {
      const { name, value } = Object.fromEntries([...input.matchAll(/(name|value)="([^"]*)"/g)].map(([, ...pair]) => pair));
      fields.set(name, { login: this.#user, password: 'correct horse battery' }[name] ?? value);
    }
    return this.#open(new URL(action, url), { method: 'POST', body: fields });
  }

  async #open(url, init = {}) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, headers: { cookie }, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      this.#cookies.set(name, value);
    }
    const location = response.headers.get('location');
    const html = await response.text();
    assert.ok(location || response.status === 200, `${url}: ${response.status} ${html}`);
    return { url, html, location: location && new URL(location, url) };
  }
}

/** Returns the scopes that a consent page lists. */
function scopesOn(html) {
  return [...html.matchAll(/<li>(notes:\w+)<\/li>/g)].map(([, scope]) => scope).join(' ');
}
