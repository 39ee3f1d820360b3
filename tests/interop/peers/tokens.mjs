// Runs jose: one JSON request per input line, one JSON response per output line.
//
// A request has many tokens, and its response one result for each: a token, claims, or the error that was thrown.

import { createInterface } from "node:readline";
import * as jose from "jose";

const encoder = new TextEncoder();
const keys = new Map();

async function keyOf(algorithm) {
  if (!keys.has(algorithm)) {
    const options = { extractable: true };
    if (algorithm.startsWith("HS")) {
      const secret = await jose.generateSecret(algorithm, options);
      keys.set(algorithm, { privateKey: secret, publicKey: secret });
    } else {
      keys.set(algorithm, await jose.generateKeyPair(algorithm, options));
    }
  }
  return keys.get(algorithm);
}

// As the documentation of jose advises: the algorithm, and the thumbprint as the id.
async function published(algorithm, key) {
  const jwk = await jose.exportJWK(key);
  return { ...jwk, alg: algorithm, kid: await jose.calculateJwkThumbprint(jwk) };
}

async function attempt(operation, item) {
  try {
    return { value: await operation(item) };
  } catch (error) {
    return { refused: error.code ?? error.name, message: error.message };
  }
}

async function results(operation, items) {
  const all = [];
  for (const item of items) {
    all.push(await attempt(operation, item));
  }
  return { results: all };
}

async function sign({ header, claims, key }) {
  const { privateKey } = await keyOf(key ?? header.alg);
  return new jose.SignJWT(claims).setProtectedHeader(header).sign(privateKey);
}

async function read([form, value], algorithm) {
  switch (form) {
    case "set":
      return jose.createLocalJWKSet(value);
    case "pem":
      return jose.importSPKI(value, algorithm);
    default:
      return jose.importJWK(value, algorithm);
  }
}

const operations = {
  // A key of each algorithm in every form that the library writes, and a set of the public keys.
  async keys({ algorithms }) {
    const forms = {};
    const members = [];
    for (const algorithm of algorithms) {
      const { privateKey, publicKey } = await keyOf(algorithm);
      const [private_jwk, public_jwk] = [await published(algorithm, privateKey), await published(algorithm, publicKey)];
      forms[algorithm] = { private_jwk, public_jwk };
      if (!algorithm.startsWith("HS")) {
        forms[algorithm].private_pem = await jose.exportPKCS8(privateKey);
        forms[algorithm].public_pem = await jose.exportSPKI(publicKey);
        members.push(public_jwk);
      }
    }
    return { keys: forms, set: { keys: members } };
  },

  async sign({ tokens }) {
    return results(sign, tokens);
  },

  // Verifies tokens and returns their users.
  async verify({ tokens, issuer, audience }) {
    return results(async ({ token, algorithms, key }) => {
      const options = { algorithms, issuer, audience, requiredClaims: ["exp", "sub"] };
      const verifying = await read(Object.entries(key)[0], algorithms[0]);
      return (await jose.jwtVerify(token, verifying, options)).payload.sub;
    }, tokens);
  },

  // Tokens of other forms that the library itself writes.
  async odd({ claims }) {
    const { privateKey } = await keyOf("ES256");
    const { kid } = await published("ES256", privateKey);
    const header = { alg: "ES256", kid };
    const bytes = encoder.encode(JSON.stringify(claims));
    const inner = await sign({ header, claims });
    const secret = await jose.generateSecret("A256GCM");
    const encrypted = { alg: "dir", enc: "A256GCM" };
    const flattened = new jose.FlattenedSign(bytes).setProtectedHeader(header);
    const general = new jose.GeneralSign(bytes).addSignature(privateKey).setProtectedHeader(header).done();
    const unencoded = new jose.FlattenedSign(bytes).setProtectedHeader({ ...header, b64: false, crit: ["b64"] });
    const nested = new jose.CompactSign(encoder.encode(inner)).setProtectedHeader({ ...header, cty: "JWT" });
    const encryption = new jose.CompactEncrypt(encoder.encode(inner)).setProtectedHeader({ ...encrypted, cty: "JWT" });
    const tokens = {
      unsecured: new jose.UnsecuredJWT(claims).encode(),
      "unencoded JSON": JSON.stringify(await unencoded.sign(privateKey)),
      "flattened JSON": JSON.stringify(await flattened.sign(privateKey)),
      "general JSON": JSON.stringify(await general.sign()),
      nested: await nested.sign(privateKey),
      "encrypted claims": await new jose.EncryptJWT(claims).setProtectedHeader(encrypted).encrypt(secret),
      "encrypted token": await encryption.encrypt(secret),
    };
    return { tokens };
  },

  // Public keys as `exportJWK` writes them, without an id and an algorithm, in one set, and tokens without an id.
  async bare({ algorithms, claims }) {
    const members = [];
    const tokens = [];
    for (const algorithm of algorithms) {
      members.push(await jose.exportJWK((await keyOf(algorithm)).publicKey));
      tokens.push(await sign({ header: { alg: algorithm }, claims }));
    }
    return { set: { keys: members }, tokens };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  console.log(JSON.stringify(await operations[request.operation](request)));
}
