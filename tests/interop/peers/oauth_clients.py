"""Two OAuth2 clients: Authlib and requests-oauthlib, whichever the argument names.

Reads a request per line, and writes what the client returns or raises, as JSON.
"""

import importlib.metadata
import json
import os
import sys
import time
import warnings

# The documented switches for plain HTTP. The server is on a loopback address.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["no_proxy"] = "127.0.0.1"

import requests
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url
from joserfc import jwt
from joserfc.jwk import KeySet
from oauthlib.oauth2 import BackendApplicationClient, LegacyApplicationClient, WebApplicationClient
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session


class Authlib:
    package = "Authlib"

    def discover(self, request):
        url = get_well_known_url(request["issuer"], external=True)
        return {"metadata": AuthorizationServerMetadata(requests.get(url).json())}

    def validate_metadata(self, request):
        response = self.discover(request)
        response["metadata"].validate()
        return response

    def verify(self, request):
        # Authlib leaves tokens to joserfc, of the same authors, which warns of the name `EdDSA`.
        warnings.simplefilter("ignore")
        keys = requests.get(self.discover(request)["metadata"]["jwks_uri"]).json()
        token = jwt.decode(request["token"], KeySet.import_key_set(keys), algorithms=["EdDSA"])
        return {"issuer": token.claims["iss"]}

    def session(self, request, **settings):
        return AuthlibSession(
            request["client_id"],
            request.get("secret"),
            token_endpoint=token_endpoint(request),
            token_endpoint_auth_method=request.get("authentication", "none"),
            revocation_endpoint_auth_method="none",
            **settings,
        )

    def token(self, request):
        session = self.session(request, scope=request.get("scope"))
        if request["grant"] == "refresh_token":
            return {"token": session.refresh_token(**request["parameters"])}
        return {"token": session.fetch_token(grant_type=request["grant"], **request["parameters"])}

    def revoke(self, request):
        url = request["server"] + "/auth/revoke"
        response = self.session(request).revoke_token(url, request["token"], token_type_hint=request["hint"])
        return returned(response)

    def call(self, request):
        token = {"access_token": request["token"], "token_type": "bearer"}
        return returned(self.session(request, token=token).get(request["server"] + request["path"]))

    def call_with_expired(self, request):
        updates = []
        session = self.session(
            request,
            token={**request["tokens"], "expires_at": int(time.time()) - 30},
            update_token=lambda token, **_: updates.append(token),
        )
        return returned(session.get(request["server"] + request["path"]), refreshes=len(updates))

    def call_with_expired_of_key(self, request):
        updates = []
        session = self.session(
            request,
            grant_type="client_credentials",
            token={"access_token": request["token"], "token_type": "bearer", "expires_at": int(time.time()) - 30},
            update_token=lambda token, **_: updates.append(token),
        )
        return returned(session.get(request["server"] + request["path"]), refreshes=len(updates))


class RequestsOAuthlib:
    package = "requests-oauthlib"

    grants = {
        "authorization_code": WebApplicationClient,
        "client_credentials": BackendApplicationClient,
        "password": LegacyApplicationClient,
        "refresh_token": LegacyApplicationClient,
    }

    def token(self, request):
        scope = request.get("scope")
        client = self.grants[request["grant"]](request["client_id"], scope=scope and scope.split())
        session = OAuth2Session(client=client)
        endpoint = token_endpoint(request)
        if request["grant"] == "refresh_token":
            return {"token": session.refresh_token(endpoint, **request["parameters"])}
        authentication = {
            # Sends the id by Basic, with an empty password.
            "none": {},
            "client_secret_basic": {"auth": HTTPBasicAuth(request["client_id"], request.get("secret"))},
            "client_secret_post": {"include_client_id": True, "client_secret": request.get("secret")},
        }[request.get("authentication", "none")]
        return {"token": session.fetch_token(endpoint, **request["parameters"], **authentication)}

    def revoke(self, request):
        # oauthlib writes the request, and leaves the response to its caller.
        url, headers, body = WebApplicationClient(request["client_id"]).prepare_token_revocation_request(
            request["server"] + "/auth/revoke", request["token"], token_type_hint=request["hint"]
        )
        return returned(requests.post(url, data=body, headers=headers))

    def call(self, request):
        token = {"access_token": request["token"], "token_type": "bearer"}
        return returned(OAuth2Session(request["client_id"], token=token).get(request["server"] + request["path"]))

    def call_with_expired(self, request):
        updates = []
        session = OAuth2Session(
            request["client_id"],
            token={**request["tokens"], "expires_in": -30},
            auto_refresh_url=token_endpoint(request),
            auto_refresh_kwargs={"client_id": request["client_id"]},
            token_updater=updates.append,
        )
        return returned(session.get(request["server"] + request["path"]), refreshes=len(updates))


def token_endpoint(request):
    return request["server"] + request.get("endpoint", "/auth/token")


def returned(response, **more):
    return {"status": response.status_code, "body": response.text, **more}


def raised(error):
    """Describes an exception by what the clients document: `error` of OAuth2, and the response of requests."""
    response = getattr(error, "response", None)
    described = {"raised": type(error).__name__, "code": getattr(error, "error", None)}
    if response is not None:
        described["status"] = response.status_code
        described["retry_after"] = response.headers.get("Retry-After")
        if response.text:
            described["code_in_body"] = response.json().get("error")
    if described["code"] is None and response is None:
        described["text"] = str(error)
    return described


def respond(client, request):
    operation = getattr(client, request["operation"], None)
    if operation is None:
        return {"absent": True}
    try:
        return operation(request)
    except Exception as error:
        return raised(error)


def main():
    client = {"authlib": Authlib, "requests-oauthlib": RequestsOAuthlib}[sys.argv[1]]()
    for line in sys.stdin:
        request = json.loads(line)
        if request["operation"] == "name":
            response = {"name": f"{client.package} {importlib.metadata.version(client.package)}"}
        else:
            response = respond(client, request)
        print(json.dumps(response), flush=True)


main()
