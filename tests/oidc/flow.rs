//! Somebody signs in to an application, and what the application gets for the code.

use super::{INTROSPECT, ORDERS, TOKEN, api, assert_refused, call, decode, post_form, published, verify};
use crate::{
    application::{make, secret_of},
    support::{
        PASSWORD, Person, Reply, Tenant, TestApp,
        browser::{Browser, Page},
        roles::{USERS, make_user},
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tenantry::kit::secret::token_hash;

pub(super) const CALLBACK: &str = "https://shop.example/callback";
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(super) const USERINFO: &str = "/oauth2/userinfo";

pub(super) fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(token_hash(VERIFIER))
}

/// The path of a request of `shop` with these parameters instead; one without a value is left out.
pub(super) fn request(client_id: &str, more: &[(&str, &str)]) -> String {
    let challenge = challenge();
    let mut pairs: BTreeMap<&str, &str> = BTreeMap::from([
        ("client_id", client_id),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid profile"),
        ("state", "a:b/c"),
        ("nonce", "n-1"),
        ("code_challenge", &*challenge),
        ("code_challenge_method", "S256"),
    ]);
    pairs.extend(more.iter().copied());
    pairs.retain(|_, value| !value.is_empty());
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("/oauth2/authorize?{query}")
}

/// What an application is told in the address that a browser is sent to.
#[track_caller]
pub(super) fn told(page: &Page) -> BTreeMap<String, String> {
    let leads = page.leads();
    let query = leads
        .strip_prefix(&format!("{CALLBACK}?"))
        .unwrap_or_else(|| panic!("{leads}"));
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Follows to where a page of ours leads.
pub(super) async fn follow(browser: &Browser<'_>, page: &Page) -> Page {
    browser.request(Method::GET, page.leads(), None).await
}

/// The code of this request, which somebody sends who is signed in already.
pub(super) async fn code(browser: &Browser<'_>, path: &str) -> String {
    told(&browser.open(path).await)["code"].clone()
}

/// Comes for the tokens of a code.
pub(super) async fn redeem(tenant: &Tenant<'_>, by: (&str, &str), code: &str, more: &[(&str, &str)]) -> Reply {
    let mut pairs: BTreeMap<&str, &str> = BTreeMap::from([
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]);
    pairs.extend(more.iter().copied());
    let pairs: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    post_form(tenant, TOKEN, Some(by), &pairs).await
}

/// Makes an application of the tenant's own that keeps a secret, and returns that.
pub(super) async fn shop(owner: &Person<'_>, spec: Value) -> String {
    let mut whole = json!({ "redirectUris": [CALLBACK], "firstParty": true });
    whole.as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
    make(owner, "shop", "web-server", whole).await;
    secret_of(owner, "shop").await.1
}

/// A browser in which `ada` is signed in.
pub(super) async fn browser_of<'a>(owner: &Person<'a>) -> Browser<'a> {
    make_user(owner, "ada", "").await;
    let browser = owner.tenant.browser();
    browser.sign_in("ada", PASSWORD).await;
    browser
}

/// Signs somebody in in a browser, whoever is signed in there.
pub(super) async fn sign_in(browser: &Browser<'_>, name: &str) {
    let typed = [("username", name), ("password", PASSWORD)];
    assert_eq!(browser.fill("/login?again=1", &typed).await.status(), 303);
}

#[tokio::test]
async fn somebody_who_is_sent_here_signs_in_and_goes_back_with_a_code_for_tokens() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({ "scopes": ["openid", "profile", "email", "roles"] })).await;
    make_user(&owner, "ada", "support").await;
    let browser = tenant.browser();
    let path = request(
        "shop",
        &[
            ("scope", "openid profile email roles"),
            ("login_hint", "ada"),
            ("ui_locales", "zh"),
        ],
    );
    let sent = browser.open(&path).await;
    assert!(sent.leads().starts_with("/t/acme/login?return_to="), "{}", sent.leads());
    let form = follow(&browser, &sent).await.expect(200, "value=\"ada\"");
    assert!(form.reply.text.contains("lang=\"zh\""), "{}", form.reply.text);
    let policy = form.reply.header("content-security-policy");
    assert!(policy.contains("form-action 'self' https://shop.example;"), "{policy}");
    let done = browser
        .submit(&form, &[("username", "ada"), ("password", PASSWORD)])
        .await;
    let back = told(&follow(&browser, &done).await);
    assert_eq!((&*back["state"], &*back["iss"]), ("a:b/c", &*tenant.base));

    let by = ("shop", &*secret);
    let reply = redeem(&tenant, by, &back["code"], &[]).await;
    assert_eq!(
        (reply.header("cache-control"), reply.header("pragma")),
        ("no-store", "no-cache")
    );
    check_tokens(&tenant, by, &reply.expect(200)).await;
}

/// The tokens of `ada`, who has the role `support`.
async fn check_tokens(tenant: &Tenant<'_>, by: (&str, &str), tokens: &Value) {
    assert_eq!(
        (&tokens["token_type"], &tokens["expires_in"]),
        (&json!("Bearer"), &json!(900))
    );
    assert_eq!(tokens["scope"], "openid profile email roles");
    let keys = published(tenant).await;
    let id = verify(tokens["id_token"].as_str().unwrap(), &keys);
    let (header, _) = decode(tokens["id_token"].as_str().unwrap());
    assert_eq!((&header["alg"], &header["typ"]), (&json!("RS256"), &json!("JWT")));
    let access = verify(tokens["access_token"].as_str().unwrap(), &keys);
    for (name, value) in [
        ("iss", json!(tenant.base)),
        ("aud", json!("shop")),
        ("nonce", json!("n-1")),
        ("acr", json!("aal1")),
    ] {
        assert_eq!(id[name], value, "{id}");
    }
    assert_eq!((&id["amr"], &id["sid"]), (&json!(["pwd"]), &access["sid"]));
    assert_eq!(id["exp"].as_i64().unwrap() - id["iat"].as_i64().unwrap(), 300);
    assert!(
        id["auth_time"].is_i64() && id["name"].is_null() && id["email"].is_null(),
        "{id}"
    );
    let half = &token_hash(tokens["access_token"].as_str().unwrap())[..16];
    assert_eq!(id["at_hash"], URL_SAFE_NO_PAD.encode(half));
    let userinfo = format!("{}{USERINFO}", tenant.base);
    assert_eq!((&access["aud"], &access["sub"]), (&json!(userinfo), &id["sub"]));
    assert_eq!(access["roles"], json!(["support", "user"]));

    let token = tokens["access_token"].as_str().unwrap();
    let told = call(tenant, Method::GET, USERINFO, token).await.expect(200);
    assert_eq!((&told["sub"], &told["preferred_username"]), (&id["sub"], &json!("ada")));
    assert_eq!(
        (&told["email"], &told["email_verified"]),
        (&json!("ada@example.test"), &json!(false))
    );
    assert_eq!(told["roles"], json!(["support", "user"]));
    // What signs somebody in opens nothing else.
    call(tenant, Method::GET, USERS, token)
        .await
        .expect_problem(401, "unauthenticated");
    let shown = post_form(tenant, INTROSPECT, Some(by), &[("token", token)])
        .await
        .expect(200);
    assert_eq!((&shown["active"], &shown["username"]), (&json!(true), &json!("ada")));
}

#[tokio::test]
async fn a_code_works_once_and_when_it_comes_again_all_that_it_gave_ends() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({})).await;
    let browser = browser_of(&owner).await;
    let by = ("shop", &*secret);
    let code = code(&browser, &request("shop", &[])).await;
    let tokens = redeem(&tenant, by, &code, &[]).await.expect(200);
    let token = tokens["access_token"].as_str().unwrap();
    call(&tenant, Method::GET, USERINFO, token).await.expect(200);
    app.advance(1);
    assert_refused(&redeem(&tenant, by, &code, &[]).await, 400, "invalid_grant");
    assert_refused(&call(&tenant, Method::GET, USERINFO, token).await, 401, "invalid_token");
    let renew = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    assert_refused(&post_form(&tenant, TOKEN, Some(by), &renew).await, 400, "invalid_grant");
    // The browser stays signed in.
    browser.open(&request("shop", &[])).await.leads();
}

#[tokio::test]
async fn a_code_is_for_who_asked_for_it_from_where_they_asked_and_for_a_minute() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = shop(
        &owner,
        json!({ "redirectUris": [CALLBACK, "https://shop.example/other"] }),
    )
    .await;
    make(&owner, "other", "web-server", json!({ "redirectUris": [CALLBACK] })).await;
    let (_, others) = secret_of(&owner, "other").await;
    let browser = browser_of(&owner).await;
    let by = ("shop", &*secret);
    let wrong_verifier = VERIFIER.replace('d', "e");
    for more in [
        &[("redirect_uri", "https://shop.example/other")][..],
        &[("redirect_uri", "")],
        &[("code_verifier", &*wrong_verifier)],
        &[("code_verifier", "")],
        &[("code_verifier", "short")],
    ] {
        let code = code(&browser, &request("shop", &[])).await;
        assert_refused(&redeem(&tenant, by, &code, more).await, 400, "invalid_grant");
        // It is used up, whatever was wrong.
        assert_refused(&redeem(&tenant, by, &code, &[]).await, 400, "invalid_grant");
    }
    let one = code(&browser, &request("shop", &[])).await;
    assert_refused(
        &redeem(&tenant, ("other", &others), &one, &[]).await,
        400,
        "invalid_grant",
    );
    redeem(&tenant, by, &one, &[]).await.expect(200);
    let late = code(&browser, &request("shop", &[])).await;
    app.advance(60);
    assert_refused(&redeem(&tenant, by, &late, &[]).await, 400, "invalid_grant");
    for code in ["", "x", &*secret] {
        let word = if code.is_empty() {
            "invalid_request"
        } else {
            "invalid_grant"
        };
        assert_refused(&redeem(&tenant, by, code, &[]).await, 400, word);
    }
}

#[tokio::test]
async fn without_pkce_a_verifier_is_refused_and_with_it_none_is_missing() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({ "requirePkce": false })).await;
    let browser = browser_of(&owner).await;
    let by = ("shop", &*secret);
    let without = request("shop", &[("code_challenge", ""), ("code_challenge_method", "")]);
    let one = code(&browser, &without).await;
    assert_refused(&redeem(&tenant, by, &one, &[]).await, 400, "invalid_grant");
    let one = code(&browser, &without).await;
    redeem(&tenant, by, &one, &[("code_verifier", "")]).await.expect(200);
    let one = code(&browser, &request("shop", &[])).await;
    assert_refused(
        &redeem(&tenant, by, &one, &[("code_verifier", "")]).await,
        400,
        "invalid_grant",
    );
}

#[tokio::test]
async fn a_code_is_worth_nothing_when_its_user_may_not_sign_in_any_more() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({})).await;
    let browser = browser_of(&owner).await;
    let path = request("shop", &[]);
    let one = code(&browser, &path).await;
    owner
        .post(&format!("{USERS}/ada/disable"), &json!({}))
        .await
        .expect(200);
    assert_refused(
        &redeem(&tenant, ("shop", &secret), &one, &[]).await,
        400,
        "invalid_grant",
    );
    owner.post(&format!("{USERS}/ada/enable"), &json!({})).await.expect(200);
    sign_in(&browser, "ada").await;
    let one = code(&browser, &path).await;
    browser.fill("/login/sign-out", &[]).await;
    assert_refused(
        &redeem(&tenant, ("shop", &secret), &one, &[]).await,
        400,
        "invalid_grant",
    );
}

#[tokio::test]
async fn tokens_end_with_the_session_of_the_browser_with_the_user_and_with_the_application() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({})).await;
    let browser = browser_of(&owner).await;
    let tokens = async || {
        sign_in(&browser, "ada").await;
        let one = code(&browser, &request("shop", &[])).await;
        redeem(&tenant, ("shop", &secret), &one, &[]).await.expect(200)
    };
    let status = async |tokens: &Value| {
        let token = tokens["access_token"].as_str().unwrap();
        call(&tenant, Method::GET, USERINFO, token).await.status.as_u16()
    };
    let first = tokens().await;
    // Signing in once more in the same browser ends nothing.
    let second = tokens().await;
    assert_eq!((status(&first).await, status(&second).await), (200, 200));
    browser.fill("/login/sign-out", &[]).await;
    assert_eq!((status(&first).await, status(&second).await), (401, 401));
    let disable = async |path: &str, act: &str| owner.post(&format!("{path}/{act}"), &json!({})).await.expect(200);
    let third = tokens().await;
    let application = format!("{}/shop", crate::application::APPLICATIONS);
    disable(&application, "disable").await;
    assert_eq!(status(&third).await, 401);
    disable(&application, "enable").await;
    assert_eq!(status(&third).await, 200);
    disable(&format!("{USERS}/ada"), "disable").await;
    assert_eq!(status(&third).await, 401);
}

#[tokio::test]
async fn an_application_of_the_tenants_own_may_do_for_somebody_what_its_scopes_name() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    api(&owner, ORDERS, &json!({ "accessTokenAlg": "ES256" })).await;
    let audiences = json!([{ "audience": ORDERS, "scopes": ["read"] }]);
    let spec = json!({ "scopes": ["openid", "users:get", "users:list"], "audiences": audiences });
    let secret = shop(&owner, spec).await;
    let browser = browser_of(&owner).await;
    let of = async |more: &[(&str, &str)]| {
        let one = code(&browser, &request("shop", more)).await;
        let tokens = redeem(&tenant, ("shop", &secret), &one, &[]).await.expect(200);
        let token = tokens["access_token"].as_str().unwrap().to_owned();
        (decode(&token), token)
    };
    let ((_, claims), token) = of(&[("scope", "openid users:get users:list users:delete")]).await;
    assert_eq!(claims["aud"], json!([app.base, format!("{}{USERINFO}", app.base)]));
    assert_eq!(claims["scope"], "openid users:get users:list");
    call(&tenant, Method::GET, &format!("{USERS}/-"), &token)
        .await
        .expect(200);
    // The user may not.
    call(&tenant, Method::GET, USERS, &token)
        .await
        .expect_problem(403, "forbidden");
    // The user may, and the token is for something else.
    let sessions = format!("{USERS}/-/sessions");
    call(&tenant, Method::GET, &sessions, &token)
        .await
        .expect_problem(403, "insufficient_scope");

    let ((header, claims), token) = of(&[("scope", "read"), ("resource", ORDERS)]).await;
    assert_eq!((&header["alg"], &claims["aud"]), (&json!("ES256"), &json!(ORDERS)));
    assert_refused(
        &call(&tenant, Method::GET, USERINFO, &token).await,
        401,
        "invalid_token",
    );
}

#[tokio::test]
async fn claims_are_told_as_the_application_has_them() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let claims =
        json!([{ "claim": "groups", "source": "roles", "form": "text", "inIdToken": true, "inUserinfo": true }]);
    let spec = json!({ "claimsInIdToken": true, "claims": claims, "subjectType": "pairwise", "scopes": ["openid", "profile", "email", "roles"] });
    let secret = shop(&owner, spec).await;
    let browser = browser_of(&owner).await;
    let asked = json!({ "userinfo": { "email": null, "roles": { "essential": true } }, "id_token": { "email_verified": null } });
    let one = code(&browser, &request("shop", &[("claims", &asked.to_string())])).await;
    let tokens = redeem(&tenant, ("shop", &secret), &one, &[]).await.expect(200);
    let id = decode(tokens["id_token"].as_str().unwrap()).1;
    assert_eq!(
        (&id["preferred_username"], &id["groups"]),
        (&json!("ada"), &json!("user"))
    );
    assert_eq!((&id["email_verified"], &id["email"]), (&json!(false), &Value::Null));
    let subject = id["sub"].as_str().unwrap();
    assert_eq!(
        subject.len(),
        43,
        "an application of its own sector knows nobody's id: {subject}"
    );
    let token = tokens["access_token"].as_str().unwrap();
    let told = call(&tenant, Method::GET, USERINFO, token).await.expect(200);
    assert_eq!((&told["sub"], &told["email"]), (&id["sub"], &json!("ada@example.test")));
    assert_eq!((&told["roles"], &told["groups"]), (&json!(["user"]), &json!("user")));
    assert!(told["phone_number_verified"].is_null(), "{told}");
}

/// A request of an application, the cookies of a browser in which somebody is signed in, and an access token that
/// came of it.
pub(crate) async fn signed_in(owner: &Person<'_>) -> (String, String, String) {
    let secret = shop(owner, json!({})).await;
    let browser = browser_of(owner).await;
    let path = request("shop", &[]);
    let one = code(&browser, &path).await;
    let tokens = redeem(&owner.tenant, ("shop", &secret), &one, &[]).await.expect(200);
    let cookies = browser.cookies.borrow();
    let cookies: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let token = tokens["access_token"].as_str().unwrap().to_owned();
    (path, cookies.join("; "), token)
}
