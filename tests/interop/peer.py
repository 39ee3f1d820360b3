"""The Python library, asked over a pipe: one JSON object a line in, one a line out."""

import hashlib
import hmac
import json
import sys
import uuid
import warnings

import bcrypt
import gatevault
from jwt.utils import base64url_encode


def manager(ask):
    return gatevault.TokenManager(ask["secret"], ask.get("minutes", 15), ask.get("days", 7))


def mint(ask):
    user_id = uuid.UUID(ask["user_id"]) if ask.get("uuid") else ask["user_id"]
    tokens = manager(ask)
    create = {"access": tokens.create_access_token, "refresh": tokens.create_refresh_token}[ask["kind"]]
    return {"token": create(user_id, **ask.get("extras", {}))}


def decode(ask):
    return {"payload": manager(ask).decode_token(ask["token"])}


def accept(ask):
    """What Python accepts may be more than JSON can answer with."""
    decode(ask)
    return {}


def forge(ask):
    """Signs any bytes at all, so that only what is in them can be wrong."""
    segments = [base64url_encode(bytes.fromhex(ask[name])) for name in ("header", "payload")]
    text = b".".join(segments)
    tag = hmac.new(ask["secret"].encode(), text, hashlib.sha256).digest()
    return {"token": (text + b"." + base64url_encode(tag)).decode()}


def is_short(ask):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        manager(ask)
    return {"short": any(entry.category is gatevault.ShortKeyWarning for entry in caught)}


def hash_password(ask):
    if "cost" not in ask:
        return {"hash": gatevault.hash_password(ask["plain"])}
    salt = bcrypt.gensalt(ask["cost"], ask["prefix"].encode())
    return {"hash": bcrypt.hashpw(ask["plain"].encode(), salt).decode()}


def verify_password(ask):
    return {"matches": gatevault.verify_password(ask["plain"], ask["hash"])}


OPERATIONS = {
    operation.__name__: operation
    for operation in (mint, decode, accept, forge, is_short, hash_password, verify_password)
}

warnings.simplefilter("ignore")
for line in sys.stdin:
    ask = json.loads(line)
    try:
        answer = OPERATIONS[ask["operation"]](ask)
    except Exception as error:
        answer = {"raised": type(error).__name__, "text": str(error)}
    print(json.dumps(answer), flush=True)
