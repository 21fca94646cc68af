"""Every generated request is from the caller that scripts/schemathesis names, whatever the requests before have ended."""

import json
import os
import urllib.error
import urllib.request

import schemathesis

USER, PASSWORD = os.environ.get("CALLER"), os.environ["E2E_PASSWORD"]


def sign_in():
    given = json.dumps({"username": USER, "password": PASSWORD}).encode()
    request = urllib.request.Request(os.environ["E2E_URL"] + "/v1/login", given, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["accessToken"]


token = sign_in() if USER else None


@schemathesis.hook
def before_call(context, case, kwargs):
    if token and "Authorization" not in case.headers:
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.hook
def after_call(context, case, response):
    # One of the operations ends the session with which it is called.
    global token
    if response.status_code == 401 and token and token in case.headers.get("Authorization", ""):
        try:
            token = sign_in()
        except urllib.error.HTTPError:
            # One of the policies was changed so that nobody signs in any more.
            pass
