"""idpyoidc, the library of a second author, signs people in."""

import logging
from urllib.parse import parse_qsl, urlsplit

from idpyoidc.client.defaults import DEFAULT_OIDC_SERVICES
from idpyoidc.client.rp_handler import RPHandler
from person import BYE, CALLBACK, Person, tenants

# It warns of every answer in JSON that it "expects json".
logging.getLogger("idpyoidc").setLevel(logging.ERROR)

PKCE = {
    "function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
    "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
}
SERVICES = DEFAULT_OIDC_SERVICES | {"end_session": {"class": "idpyoidc.client.oidc.end_session.EndSession"}}


def handler(issuer, known, alg):
    config = {
        "issuer": issuer,
        "client_type": "oidc",
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": [BYE],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "id_token_signed_response_alg": alg,
        "client_authn_methods": ["client_secret_basic", "client_secret_post", "bearer_header"],
        "add_ons": {"pkce": PKCE},
        "services": SERVICES,
        **known,
    }
    return RPHandler(base_url="http://127.0.0.1", client_configs={issuer: config})


def pairs(address):
    return dict(parse_qsl(urlsplit(address).query))


for tenant in tenants():
    issuer, ada, known = tenant["issuer"], tenant["person"], tenant["applications"]
    for name, alg in (("web", "RS256"), ("es256", "ES256"), ("eddsa", "EdDSA")):
        rp = handler(issuer, known[name], alg)
        person = Person(ada)
        done = rp.finalize(issuer, pairs(person.go(rp.begin(issuer), CALLBACK)))
        assert "error" not in done, done
        state = done["state"]
        assert done["userinfo"]["email"] == ada["email"]
        assert done["id_token"]["iss"] == issuer
        renewed = rp.refresh_access_token(state)
        info = rp.get_user_info(state, access_token=renewed["access_token"])
        assert info["sub"] == done["id_token"]["sub"]
        leave = rp.logout(state, post_logout_redirect_uri=BYE)
        left = person.go(leave["url"], BYE)
        assert pairs(left)["state"] == pairs(leave["url"])["state"]
