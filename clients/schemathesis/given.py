"""What generated requests find: users, one of them without a role, and limits as high as they can be."""

import json
import os
import urllib.request

BASE, PASSWORD = os.environ["E2E_URL"], os.environ["E2E_PASSWORD"]
CONSOLE = "/apis/console/v1alpha1"


def call(method, path, given=None, token=None):
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    body = None if given is None else json.dumps(given).encode()
    request = urllib.request.Request(BASE + path, body, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


token = call("POST", "/v1/login", {"username": os.environ["E2E_USER"], "password": PASSWORD})["accessToken"]
limits = call("GET", CONSOLE + "/policies/limits", token=token)["spec"]
for limit in limits.values():
    is_delay = "free" in limit
    limit.update(dict(free=100, firstSeconds=1, longestSeconds=1, most=1_000) if is_delay else dict(most=1_000_000))
call("PUT", CONSOLE + "/policies/limits", {"spec": limits}, token)
for name in ("plain", "ada"):
    user = {"name": name, "email": f"{name}@example.com", "password": PASSWORD}
    call("POST", CONSOLE + "/users", user, token)
