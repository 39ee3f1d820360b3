"""Runs operations of the Python library for the tests: one JSON request per input line, one JSON response per output line."""

import hashlib
import hmac
import json
import sys
import uuid
import warnings

import bcrypt
import gatevault
from jwt.utils import base64url_encode


def manager(request):
    return gatevault.TokenManager(request["secret"], request.get("minutes", 15), request.get("days", 7))


def create(request):
    user_id = uuid.UUID(request["user_id"]) if request.get("uuid") else request["user_id"]
    tokens = manager(request)
    create_token = {"access": tokens.create_access_token, "refresh": tokens.create_refresh_token}[request["kind"]]
    return {"token": create_token(user_id, **request.get("extras", {}))}


def decode(request):
    return {"payload": manager(request).decode_token(request["token"])}


def accept(request):
    """Decodes without returning the payload: Python may accept one that JSON cannot represent."""
    decode(request)
    return {}


def forge(request):
    """Signs arbitrary bytes, so that the token is valid apart from their content."""
    segments = [base64url_encode(bytes.fromhex(request[name])) for name in ("header", "payload")]
    signed = b".".join(segments)
    tag = hmac.new(request["secret"].encode(), signed, hashlib.sha256).digest()
    return {"token": (signed + b"." + base64url_encode(tag)).decode()}


def is_short(request):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        manager(request)
    return {"short": any(entry.category is gatevault.ShortKeyWarning for entry in caught)}


def hash_password(request):
    if "cost" not in request:
        return {"hash": gatevault.hash_password(request["plain"])}
    salt = bcrypt.gensalt(request["cost"], request["prefix"].encode())
    return {"hash": bcrypt.hashpw(request["plain"].encode(), salt).decode()}


def verify_password(request):
    return {"matches": gatevault.verify_password(request["plain"], request["hash"])}


OPERATIONS = {
    operation.__name__: operation
    for operation in (create, decode, accept, forge, is_short, hash_password, verify_password)
}

warnings.simplefilter("ignore")
for line in sys.stdin:
    request = json.loads(line)
    try:
        response = OPERATIONS[request["operation"]](request)
    except Exception as error:
        response = {"raised": type(error).__name__, "message": str(error)}
    print(json.dumps(response), flush=True)
