"""Runs joserfc or Authlib, as the argument says: one JSON request per input line, one JSON response per output line.

A request has many tokens, and its response one result for each: a token, claims, or the exception that was raised.
"""

import base64
import datetime
import hashlib
import json
import sys
import warnings

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

warnings.simplefilter("ignore")

# The type of the keys of each algorithm, and their curve or their length in bits.
KINDS = {
    **{f"HS{bits}": ("oct", bits) for bits in (256, 384, 512)},
    **{f"{scheme}{bits}": ("RSA", 2048) for scheme in ("RS", "PS") for bits in (256, 384, 512)},
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),
}


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def full_length(jwk):
    """Returns whether the numbers of an EC key have the length of the curve, as RFC 7518 section 6.2.1.2 requires."""
    length = {"P-256": 43, "P-384": 64, "P-521": 88}.get(jwk.get("crv"))
    return length is None or all(len(jwk[name]) == length for name in ("x", "y", "d") if name in jwk)


class Joserfc:
    def __init__(self):
        from joserfc import jwe, jwk, jws, jwt

        self.jwe, self.jwk, self.jws, self.jwt = jwe, jwk, jws, jwt

    def generate(self, algorithm):
        return self.jwk.generate_key(*KINDS[algorithm], auto_kid=True)

    def private(self, key):
        return key.as_dict(private=True)

    def public(self, key):
        return key.as_dict(private=False)

    def pem(self, key, private):
        return key.as_pem(private=private).decode()

    def write_set(self, keys, private=False):
        return self.jwk.KeySet([self.jwk.import_key(self.private(key)) for key in keys]).as_dict(private=private)

    def read(self, form, value, algorithm):
        if form == "set":
            return self.jwk.KeySet.import_key_set(value)
        return self.jwk.import_key(value, KINDS[algorithm][0])

    def sign(self, header, claims, key):
        return self.jwt.encode(header, claims, key, [header["alg"]], default_type=None)

    def verify(self, token, key, algorithms, expected):
        claims = self.jwt.decode(token, key, algorithms).claims
        self.jwt.JWTClaimsRegistry(**expected).validate(claims)
        return claims

    def odd(self, key, secret, claims):
        """Returns tokens of other forms that the library itself writes."""
        sign, header, text = self.jws.serialize_compact, {"alg": "ES256", "kid": key.kid}, json.dumps(claims)
        inner = self.sign(header, claims, key)
        encrypted = {"alg": "dir", "enc": "A256GCM"}
        members = {"protected": header}
        return {
            "unsecured": sign({"alg": "none", "typ": "JWT"}, text, None, ["none"]),
            "unencoded payload": sign({**header, "b64": False, "crit": ["b64"]}, text, key, ["ES256"]),
            "detached payload": self.jws.detach_content(inner),
            "flattened JSON": json.dumps(self.jws.serialize_json(members, text, key, ["ES256"])),
            "general JSON": json.dumps(self.jws.serialize_json([members], text, key, ["ES256"])),
            "nested": sign({**header, "cty": "JWT"}, inner, key, ["ES256"]),
            "encrypted claims": self.jwe.encrypt_compact(encrypted, text, secret),
            "encrypted token": self.jwe.encrypt_compact({**encrypted, "cty": "JWT"}, inner, secret),
        }


class Authlib:
    def __init__(self):
        # Authlib announces that its next major version moves this module to joserfc.
        with warnings.catch_warnings(record=True):
            from authlib import jose

        self.jose = jose

    def generate(self, algorithm):
        while True:
            key = self.jose.JsonWebKey.generate_key(*KINDS[algorithm], is_private=True)
            if full_length(self.private(key)):
                return key

    def private(self, key):
        return key.as_dict(is_private=True)

    def public(self, key):
        return key.as_dict(is_private=False)

    def pem(self, key, private):
        return key.as_pem(is_private=private).decode()

    def write_set(self, keys, private=False):
        return self.jose.KeySet(keys).as_dict(is_private=private)

    def read(self, form, value, algorithm):
        if form == "set":
            return self.jose.JsonWebKey.import_key_set(value)
        return self.jose.JsonWebKey.import_key(value, {"kty": KINDS[algorithm][0]})

    def sign(self, header, claims, key):
        return self.jose.JsonWebSignature([header["alg"]]).serialize_compact(header, json.dumps(claims), key).decode()

    def verify(self, token, key, algorithms, expected):
        claims = self.jose.JsonWebToken(algorithms).decode(token, key, claims_options=expected)
        claims.validate()
        return dict(claims)

    def odd(self, key, secret, claims):
        """Returns tokens of other forms that the library itself writes."""
        jws, jwe = self.jose.JsonWebSignature(), self.jose.JsonWebEncryption()
        header, text = {"alg": "ES256", "kid": key.as_dict()["kid"]}, json.dumps(claims)
        inner = self.sign(header, claims, key)
        encrypted = {"alg": "dir", "enc": "A256GCM"}
        members = {"protected": header}
        return {
            "flattened JSON": json.dumps(jws.serialize_json(members, text, key)),
            "general JSON": json.dumps(jws.serialize_json([members], text, key)),
            "nested": jws.serialize_compact({**header, "cty": "JWT"}, inner, key).decode(),
            "encrypted claims": jwe.serialize_compact(encrypted, text, secret).decode(),
            "encrypted token": jwe.serialize_compact({**encrypted, "cty": "JWT"}, inner, secret).decode(),
        }


LIBRARY = {"joserfc": Joserfc, "authlib": Authlib}[sys.argv[1]]()
EXPECTED = {"essential": True}
KEYS = {}


def key_of(algorithm):
    if algorithm not in KEYS:
        KEYS[algorithm] = LIBRARY.generate(algorithm)
    return KEYS[algorithm]


def keys(request):
    """Returns a key of each algorithm in every form that the library writes, and a set of the public keys."""
    forms = {}
    for algorithm in request["algorithms"]:
        key = key_of(algorithm)
        forms[algorithm] = {"private_jwk": LIBRARY.private(key), "public_jwk": LIBRARY.public(key)}
        if KINDS[algorithm][0] != "oct":
            forms[algorithm] |= {"private_pem": LIBRARY.pem(key, True), "public_pem": LIBRARY.pem(key, False)}
    public = [key_of(algorithm) for algorithm in request["algorithms"] if KINDS[algorithm][0] != "oct"]
    return {"keys": forms, "set": LIBRARY.write_set(public)}


def sign(request):
    def one(token):
        return LIBRARY.sign(token["header"], token["claims"], key_of(token.get("key", token["header"]["alg"])))

    return {"results": [attempt(one, token) for token in request["tokens"]]}


def verify(request):
    """Verifies tokens and returns their users."""

    def one(token):
        form, value = next(iter(token["key"].items()))
        key = LIBRARY.read(form, value, token["algorithms"][0])
        expected = {
            "iss": {**EXPECTED, "value": request["issuer"]},
            "aud": {**EXPECTED, "value": request["audience"]},
            "exp": EXPECTED,
            "sub": EXPECTED,
        }
        return LIBRARY.verify(token["token"], key, token["algorithms"], expected)["sub"]

    return {"results": [attempt(one, token) for token in request["tokens"]]}


def forge(request):
    """Signs arbitrary bytes with the key for ES256, so that the token is valid apart from their content."""
    algorithm = LIBRARY.jws.JWSRegistry.algorithms["ES256"]

    def one(token):
        message = ".".join(base64url(bytes.fromhex(token[name])) for name in ("header", "payload"))
        return f"{message}.{base64url(algorithm.sign(message.encode(), key_of('ES256')))}"

    return {"results": [attempt(one, token) for token in request["tokens"]]}


def odd(request):
    """Returns tokens of other forms."""
    secret = LIBRARY.generate("HS256")
    return {"tokens": LIBRARY.odd(key_of("ES256"), secret, request["claims"])}


def short_numbers(request):
    """Returns an EC key on P-521 with a number that begins with a zero byte, and a token of it."""
    while True:
        key = LIBRARY.jose.JsonWebKey.generate_key("EC", "P-521", is_private=True)
        if not full_length(LIBRARY.public(key)):
            return {"set": LIBRARY.write_set([key]), "token": LIBRARY.sign({"alg": "ES512"}, request["claims"], key)}


def certified(request):
    """Returns a set of RSA keys with certificates, and for each key a token that names its certificate, and no id."""
    members, tokens = [], []
    for name in ("RS256", "PS256"):
        key = serialization.load_pem_private_key(LIBRARY.pem(key_of(name), True).encode(), None)
        encoding = certificate(key)
        thumbprints = {"x5t": base64url(hashlib.sha1(encoding).digest())}
        thumbprints["x5t#S256"] = base64url(hashlib.sha256(encoding).digest())
        chain = {"x5c": [base64.b64encode(encoding).decode()], **thumbprints}
        members.append({**LIBRARY.public(key_of(name)), **chain})
        for thumbprint in thumbprints.items():
            header = {"alg": "RS256", **dict([thumbprint])}
            tokens.append(LIBRARY.sign(header, request["claims"], key_of(name)))
    return {"set": LIBRARY.jwk.KeySet.import_key_set({"keys": members}).as_dict(private=False), "tokens": tokens}


def certificate(key):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "id.example")])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def foreign_kinds(request):
    """Returns a set in which one key serves and the others are secret, private, or of another type or curve."""
    generate, usable = LIBRARY.jwk.generate_key, key_of("RS256")
    others = [generate("oct", 256), generate("EC", "secp256k1"), generate("OKP", "X25519"), generate("OKP", "Ed448")]
    written = LIBRARY.jwk.KeySet([*others, usable]).as_dict(private=False)
    written["keys"].append(generate("RSA", 2048, auto_kid=True).as_dict(private=True))
    return {"set": written, "token": LIBRARY.sign({"alg": "RS256", "kid": usable.kid}, request["claims"], usable)}


def attempt(operation, item):
    try:
        return {"value": operation(item)}
    except Exception as error:  # not all of them are of the library: Authlib lets a ValueError through
        return {"refused": type(error).__name__, "message": str(error)}


OPERATIONS = {
    operation.__name__: operation
    for operation in (keys, sign, verify, forge, odd, short_numbers, certified, foreign_kinds)
}

for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps(OPERATIONS[request["operation"]](request)), flush=True)
