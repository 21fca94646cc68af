"""Authlib signs people in to a Flask application, as it is set up in the console's snippet."""

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from authlib.integrations.requests_client import OAuth2Session
from flask import Flask, jsonify, session

from person import BYE, CALLBACK, Person, tenants


def application(issuer, client_id, client_secret=None, **more):
    """The application, its routes and what it knows of the server."""
    app = Flask(__name__)
    app.config.update(SECRET_KEY="a secret of the test", SERVER_NAME="127.0.0.1")
    server = OAuth(app).register(
        "tenantry",
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_id=client_id,
        client_secret=client_secret,
        client_kwargs={"code_challenge_method": "S256", **more},
    )

    @app.get("/login")
    def login():
        return server.authorize_redirect(CALLBACK)

    @app.get("/callback")
    def callback():
        session["token"] = server.authorize_access_token()
        return jsonify(session["token"])

    @app.get("/me")
    def me():
        return jsonify(server.userinfo(token=session["token"]))

    @app.get("/renew")
    def renew():
        given = session["token"]["refresh_token"]
        session["token"] = server.fetch_access_token(grant_type="refresh_token", refresh_token=given)
        return jsonify(session["token"])

    @app.get("/logout")
    def logout():
        return server.logout_redirect(BYE, id_token_hint=session["token"]["id_token"])

    @app.get("/bye")
    def bye():
        return jsonify(server.validate_logout_response())

    return app.test_client(), server


def sign_in(browser, person):
    sent = browser.get("/login").location
    answer = browser.get(person.go(sent, CALLBACK))
    assert answer.status_code == 200, answer.text
    return answer.json


def told(server, known, path, token):
    """What the server says of a token, or does with it."""
    http = OAuth2Session(**known, revocation_endpoint_auth_method="client_secret_post")
    ask = {"introspection": http.introspect_token, "revocation": http.revoke_token}[path]
    return ask(server.load_server_metadata()[f"{path}_endpoint"], token)


for tenant in tenants():
    issuer, ada, known = tenant["issuer"], tenant["person"], tenant["applications"]
    for name, scope, method in (
        ("web", "openid profile email", "client_secret_basic"),
        ("es256", "openid profile email", "client_secret_post"),
        ("eddsa", "openid profile email", "client_secret_basic"),
        ("native", "openid profile email", "none"),
    ):
        browser, server = application(issuer, **known[name], scope=scope, token_endpoint_auth_method=method)
        person = Person(ada)
        token = sign_in(browser, person)
        assert token["userinfo"]["iss"] == issuer, "the ID token is verified"
        me = browser.get("/me").json
        assert (me["name"], me["email"]) == ("Ada Lovelace", ada["email"])
        assert me["sub"] == token["userinfo"]["sub"]
        renewed = browser.get("/renew").json
        assert renewed["access_token"] != token["access_token"]
        assert browser.get("/me").json == me
        if method != "none":
            answer = told(server, known[name], "introspection", renewed["access_token"]).json()
            assert answer["active"] and answer["sub"] == me["sub"], answer
        left = person.go(browser.get("/logout").location, BYE)
        assert browser.get(left).json["post_logout_redirect_uri"] == BYE, "the state is the one that was sent"
        try:
            server.fetch_access_token(grant_type="refresh_token", refresh_token=renewed["refresh_token"])
            raise AssertionError("what signing out ended is renewed")
        except OAuthError as error:
            assert error.error == "invalid_grant"

    _, job = application(issuer, **known["job"])
    token = job.fetch_access_token(grant_type="client_credentials")
    answer = job.get(f"{issuer}/apis/console/v1alpha1/users", token=token)
    assert answer.status_code == 200, answer.text
    assert told(job, known["job"], "revocation", token["access_token"]).status_code == 200
    assert told(job, known["job"], "introspection", token["access_token"]).json() == {"active": False}
