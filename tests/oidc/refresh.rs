//! Applications renew what they have.

use super::{
    INTROSPECT, REVOKE, TOKEN, assert_refused, call,
    flow::{CALLBACK, USERINFO, VERIFIER, browser_of, code, redeem, request, shop, sign_in},
    post_form,
};
use crate::{
    application::{APPLICATIONS, make, secret_of},
    support::{Reply, Tenant, TestApp, roles::USERS},
};
use reqwest::Method;
use serde_json::{Value, json};

async fn renew(tenant: &Tenant<'_>, by: Option<(&str, &str)>, token: &str, more: &[(&str, &str)]) -> Reply {
    let form = [&[("grant_type", "refresh_token"), ("refresh_token", token)], more].concat();
    post_form(tenant, TOKEN, by, &form).await
}

fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap_or_else(|| panic!("{name}: {tokens}"))
}

/// Makes `page`, which keeps no secret, and returns its tokens.
async fn tokens_of_page(tenant: &Tenant<'_>) -> Value {
    let owner = tenant.owner().await;
    make(
        &owner,
        "page",
        "single-page",
        json!({ "redirectUris": [CALLBACK], "firstParty": true }),
    )
    .await;
    let browser = browser_of(&owner).await;
    let one = code(&browser, &request("page", &[])).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "page"),
        ("code", &*one),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    post_form(tenant, TOKEN, None, &form).await.expect(200)
}

#[tokio::test]
async fn a_token_of_who_keeps_no_secret_is_replaced_and_ends_its_session_when_it_comes_late() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let first = tokens_of_page(&tenant).await;
    let page = [("client_id", "page")];
    let old = text(&first, "refresh_token");
    let second = renew(&tenant, None, old, &page).await.expect(200);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    // Two windows of one browser get the same.
    let twin = renew(&tenant, None, old, &page).await.expect(200);
    assert_eq!(twin["refresh_token"], second["refresh_token"]);
    assert!(
        second["id_token"].is_string() && second["scope"] == "openid profile",
        "{second}"
    );
    app.advance(11);
    assert_refused(&renew(&tenant, None, old, &page).await, 400, "invalid_grant");
    assert_refused(
        &renew(&tenant, None, text(&second, "refresh_token"), &page).await,
        400,
        "invalid_grant",
    );
    let reply = call(&tenant, Method::GET, USERINFO, text(&second, "access_token")).await;
    assert_refused(&reply, 401, "invalid_token");
}

#[tokio::test]
async fn a_token_of_who_keeps_a_secret_stays_and_is_of_no_use_to_anybody_else() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({ "scopes": ["openid", "profile", "email"] })).await;
    make(&owner, "other", "web-server", json!({})).await;
    let (_, others) = secret_of(&owner, "other").await;
    let browser = browser_of(&owner).await;
    let by = ("shop", &*secret);
    let one = code(&browser, &request("shop", &[])).await;
    let tokens = redeem(&tenant, by, &one, &[]).await.expect(200);
    let token = text(&tokens, "refresh_token");
    assert_refused(
        &renew(&tenant, Some(("other", &others)), token, &[]).await,
        400,
        "invalid_grant",
    );
    for path in ["/v1/refresh", "/api/auth/refresh"] {
        let reply = tenant
            .anybody()
            .post(path, &json!({ "refreshToken": token, "refresh_token": token }))
            .await;
        assert!(reply.status.is_client_error(), "{path}: {}", reply.text);
    }
    // And one of a sign-in without the protocol is none here.
    let direct = owner.tokens["refreshToken"].as_str().unwrap();
    assert_refused(&renew(&tenant, Some(by), direct, &[]).await, 400, "invalid_grant");
    owner
        .tenant
        .anybody()
        .post("/v1/refresh", &json!({ "refreshToken": direct }))
        .await
        .expect(200);
    for _ in 0..2 {
        let again = renew(&tenant, Some(by), token, &[]).await.expect(200);
        assert_eq!(again["refresh_token"], token);
        assert_eq!(again["scope"], "openid profile");
        app.advance(60);
    }
    let fewer = renew(&tenant, Some(by), token, &[("scope", "openid")])
        .await
        .expect(200);
    assert_eq!(fewer["scope"], "openid");
    for more in ["openid email", "users:list"] {
        assert_refused(
            &renew(&tenant, Some(by), token, &[("scope", more)]).await,
            400,
            "invalid_scope",
        );
    }
    let target = [("resource", "https://orders.example")];
    assert_refused(&renew(&tenant, Some(by), token, &target).await, 400, "invalid_target");
    // What is refused for what it asks uses nothing up.
    renew(&tenant, Some(by), token, &[]).await.expect(200);
}

#[tokio::test]
async fn what_ends_a_session_ends_its_refresh_tokens() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({})).await;
    let browser = browser_of(&owner).await;
    let by = ("shop", &*secret);
    let tokens = async |more: &[(&str, &str)]| {
        sign_in(&browser, "ada").await;
        let one = code(&browser, &request("shop", more)).await;
        redeem(&tenant, by, &one, &[]).await.expect(200)
    };
    let is_good = async |tokens: &Value| {
        renew(&tenant, Some(by), text(tokens, "refresh_token"), &[])
            .await
            .status
            == 200
    };
    let (online, offline) = (tokens(&[]).await, tokens(&[("scope", "openid offline_access")]).await);
    assert!(is_good(&online).await && is_good(&offline).await);
    browser.fill("/login/sign-out", &[]).await;
    assert!(
        !is_good(&online).await && is_good(&offline).await,
        "one that stays connected outlives the browser's"
    );
    owner
        .post(&format!("{USERS}/ada/disable"), &json!({}))
        .await
        .expect(200);
    assert!(!is_good(&offline).await);
    owner.post(&format!("{USERS}/ada/enable"), &json!({})).await.expect(200);

    let given_back = tokens(&[]).await;
    let form = [("token", text(&given_back, "refresh_token"))];
    assert_eq!(post_form(&tenant, REVOKE, Some(by), &form).await.status, 200);
    assert!(!is_good(&given_back).await);
    let shown = [("token", text(&given_back, "access_token"))];
    let shown = post_form(&tenant, INTROSPECT, Some(by), &shown).await.expect(200);
    assert_eq!(shown, json!({ "active": false }));
    let last = tokens(&[]).await;
    owner.delete(&format!("{APPLICATIONS}/shop")).await.expect(204);
    let reply = call(&tenant, Method::GET, USERINFO, text(&last, "access_token")).await;
    assert_refused(&reply, 401, "invalid_token");
}
