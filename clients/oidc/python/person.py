"""Somebody with a browser without scripts, who fills in the forms of the hosted pages."""

import html
import json
import os
import re
from urllib.parse import urljoin

import requests

CALLBACK = "http://127.0.0.1/callback"
BYE = "http://127.0.0.1/bye"


def tenants():
    """What `prepare.mjs` made."""
    with open(os.environ["OIDC_TENANTS"], encoding="utf8") as file:
        return json.load(file)


class Person:
    def __init__(self, person):
        self.browser = requests.Session()
        self.typed = {"username": person["name"], "password": person["password"]}

    def go(self, at, until):
        """Goes to an address and says yes to whatever is asked there, until the browser is sent to `until`."""
        form = None
        for _ in range(20):
            if at.startswith(until):
                return at
            method, headers = ("POST", {"origin": "/".join(at.split("/")[:3])}) if form else ("GET", {})
            answer = self.browser.request(method, at, data=form, headers=headers, allow_redirects=False)
            form = None
            if "location" in answer.headers:
                at = urljoin(at, answer.headers["location"])
                continue
            assert answer.ok, f"{at} answers {answer.status_code}: {answer.text}"
            form = {}
            for field in re.findall(r"<input [^>]*>", answer.text):
                name = re.search(r' name="([^"]+)"', field)[1]
                value = re.search(r' value="([^"]*)"', field)
                form[name] = self.typed.get(name, html.unescape(value[1]) if value else "")
            action = re.search(r'<form [^>]*action="([^"]*)"', answer.text)
            at = urljoin(at, html.unescape(action[1])) if action else at
        raise AssertionError(f"does not come to {until}")
