//! What a token is worth to whoever asks.

use super::{
    INTROSPECT, ORDERS, TOKEN, api, asked, assert_refused, decode,
    flow::{browser_of, code, redeem, request, shop},
    machine, post_form, token_of,
};
use crate::{
    application::{APIS, APPLICATIONS, make, secret_of},
    support::{
        PASSWORD, Reply, Tenant, TestApp,
        roles::{USERS, make_user},
        statements,
    },
};
use reqwest::Method;
use serde_json::{Value, json};

async fn ask(tenant: &Tenant<'_>, by: (&str, &str), token: &str) -> Value {
    post_form(tenant, INTROSPECT, Some(by), &[("token", token)])
        .await
        .expect(200)
}

fn inactive() -> Value {
    json!({ "active": false })
}

#[tokio::test]
async fn a_token_is_shown_to_its_application_and_to_the_api_that_it_is_for_and_to_nobody_else() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let (orders, orders_secret) = api(&owner, ORDERS, &json!({ "accessTokenAlg": "ES256" })).await;
    let (stock, stock_secret) = api(&owner, "https://stock.example", &json!({})).await;
    let spec = json!({ "audiences": [{ "audience": ORDERS, "scopes": ["read"] }] });
    let secret = machine(&owner, "cron", spec).await;
    let other = machine(&owner, "other", json!({ "roles": ["owner"] })).await;
    let token = token_of(&tenant, ("cron", &secret), &[]).await;
    let claims = decode(&token).1;
    let shown = json!({
        "active": true, "scope": "read", "client_id": "cron", "token_type": "Bearer", "exp": claims["exp"],
        "iat": claims["iat"], "sub": "cron", "aud": [ORDERS], "iss": app.base, "jti": claims["jti"],
    });
    for by in [("cron", &*secret), (&*orders, &*orders_secret)] {
        assert_eq!(ask(&tenant, by, &token).await, shown, "{by:?}");
    }
    for by in [("other", &*other), (&*stock, &*stock_secret)] {
        assert_eq!(ask(&tenant, by, &token).await, inactive(), "{by:?}");
    }
    let form = [
        ("token", &*token),
        ("client_id", &orders),
        ("client_secret", &orders_secret),
    ];
    let hinted = [&form[..], &[("token_type_hint", "refresh_token")]].concat();
    assert_eq!(post_form(&tenant, INTROSPECT, None, &hinted).await.expect(200), shown);

    app.advance(900);
    assert_eq!(ask(&tenant, ("cron", &secret), &token).await, inactive());
}

#[tokio::test]
async fn who_keeps_no_secret_or_shows_another_one_is_told_nothing() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let (orders, secret) = api(&owner, ORDERS, &json!({})).await;
    make(&owner, "page", "single-page", json!({})).await;
    let token = ("token", "x");
    let unknown = "rsv_0190a9f0c7d87c3e8f3b0a4b6c2d1e0f";
    for by in [
        (&*orders, "wrong"),
        (unknown, &*secret),
        (ORDERS, &*secret),
        ("page", "x"),
        ("", ""),
    ] {
        let reply = post_form(&tenant, INTROSPECT, Some(by), &[token]).await;
        assert_refused(&reply, 401, "invalid_client");
        assert_eq!(
            reply.header("www-authenticate"),
            format!("Basic realm=\"{}\"", app.base)
        );
    }
    for form in [
        &[token][..],
        &[token, ("client_id", "page")],
        &[token, ("client_id", &orders)],
    ] {
        assert_refused(&post_form(&tenant, INTROSPECT, None, form).await, 401, "invalid_client");
    }
    // A token of the caller is no proof of an application.
    let anybody = tenant.anybody();
    let request = owner.request(Method::POST, INTROSPECT).form(&[token]);
    assert_refused(&anybody.send(request).await, 401, "invalid_client");
    let missing = post_form(&tenant, INTROSPECT, Some((&orders, &secret)), &[]).await;
    assert_refused(&missing, 400, "invalid_request");
}

#[tokio::test]
async fn what_is_no_token_of_the_tenant_is_not_active_and_nothing_is_said_of_it() {
    let app = TestApp::start().await;
    let (tenant, acme) = (app.default_tenant(), app.tenant("acme").await);
    let owner = tenant.owner().await;
    let secret = machine(&owner, "cron", json!({ "roles": ["owner"] })).await;
    let abroad = machine(&acme.owner().await, "cron", json!({ "roles": ["owner"] })).await;
    let foreign = token_of(&acme, ("cron", &abroad), &[]).await;
    let good = token_of(&tenant, ("cron", &secret), &[]).await;
    assert_eq!(ask(&tenant, ("cron", &secret), &good).await["active"], true);
    assert_eq!(ask(&acme, ("cron", &abroad), &foreign).await["active"], true);
    let (head, rest) = good.split_once('.').unwrap();
    let claims = rest.split_once('.').unwrap().0;
    let refresh = owner.tokens["refreshToken"].as_str().unwrap();
    for token in [
        &*foreign,
        "x",
        "a.b.c",
        refresh,
        &format!("{head}.{claims}."),
        &format!("eyJhbGciOiJub25lIn0.{claims}."),
        &format!("{good}x"),
    ] {
        assert_eq!(ask(&tenant, ("cron", &secret), token).await, inactive(), "{token}");
    }
    // One that was issued for something else than to call by.
    let row = app.app.tenant("default").await.unwrap().unwrap();
    let ring = app.app.all_keys(row.0.id).await.unwrap();
    let claims = decode(&good).1.to_string();
    for kind in [tenantry::key::TokenType::Id, tenantry::key::TokenType::Logout] {
        let token = ring
            .sign(tenantry::key::Algorithm::EdDsa, kind, claims.as_bytes())
            .unwrap();
        assert_eq!(ask(&tenant, ("cron", &secret), &token).await, inactive(), "{kind:?}");
    }
}

#[tokio::test]
async fn a_token_of_a_session_is_good_as_long_as_the_session_and_its_user() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "shop", "web-server", json!({})).await;
    let (_, secret) = secret_of(&owner, "shop").await;
    make_user(&owner, "ada", "").await;
    let sign_in = async |client: &str| {
        let given = json!({ "username": "ada", "password": PASSWORD, "clientId": client });
        tenant.anybody().post("/v1/login", &given).await.expect(200)
    };
    let tokens = sign_in("shop").await;
    let token = tokens["accessToken"].as_str().unwrap();
    let by = ("shop", &*secret);
    let shown = ask(&tenant, by, token).await;
    assert_eq!(
        (&shown["active"], &shown["username"]),
        (&json!(true), &json!("ada")),
        "{shown}"
    );
    assert_eq!(
        (&shown["sub"], &shown["sid"]),
        (&decode(token).1["sub"], &decode(token).1["sid"])
    );
    let others = sign_in("other").await;
    assert_eq!(
        ask(&tenant, by, others["accessToken"].as_str().unwrap()).await,
        inactive()
    );

    let users = crate::support::roles::USERS;
    for (act, is_active) in [("disable", false), ("enable", false)] {
        owner.post(&format!("{users}/ada/{act}"), &json!({})).await.expect(200);
        assert_eq!(ask(&tenant, by, token).await["active"], is_active, "{act}");
    }
    let tokens = sign_in("shop").await;
    let token = tokens["accessToken"].as_str().unwrap();
    assert_eq!(ask(&tenant, by, token).await["active"], true);
    let given = json!({ "refreshToken": tokens["refreshToken"] });
    tenant.anybody().post("/v1/logout", &given).await.expect(200);
    assert_eq!(ask(&tenant, by, token).await, inactive());
}

#[tokio::test]
async fn a_token_that_was_asked_about_a_moment_ago_asks_no_statement_and_ends_at_once() {
    statements::collect();
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let (orders, orders_secret) = api(&owner, ORDERS, &json!({})).await;
    let spec = json!({ "audiences": [{ "audience": ORDERS, "scopes": ["read"] }] });
    let secret = machine(&owner, "cron", spec).await;
    let token = token_of(&tenant, ("cron", &secret), &[]).await;
    let ask = async |by: (&str, &str)| post_form(&tenant, INTROSPECT, Some(by), &[("token", &token)]).await;
    for by in [("cron", &*secret), (&*orders, &*orders_secret)] {
        ask(by).await.expect(200);
        let warm: Reply = ask(by).await;
        assert_eq!(asked(&warm), [""; 0], "{by:?}");
        assert_eq!(warm.expect(200)["active"], true);
    }
    let disable = format!("{APPLICATIONS}/cron/disable");
    owner.post(&disable, &json!({})).await.expect(200);
    assert_eq!(ask((&orders, &orders_secret)).await.expect(200), inactive());
    assert_eq!(ask(("cron", &secret)).await.status, 401);
    // It is known to the hour that the API uses its secret.
    let list = owner.get(&format!("{APIS}/{orders}/secrets")).await.expect(200);
    let used = list["items"][0]["status"]["lastUsedAt"].as_str().unwrap();
    assert!(used.ends_with(":00:00Z"), "{used}");
    owner.delete(&format!("{APIS}/{orders}")).await.expect(204);
    assert_eq!(ask((&orders, &orders_secret)).await.status, 401);
}

#[tokio::test]
async fn a_refresh_token_is_shown_to_its_application_alone_as_long_as_it_would_renew() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({})).await;
    let other = machine(&owner, "other", json!({})).await;
    let (orders, orders_secret) = api(&owner, ORDERS, &json!({})).await;
    let browser = browser_of(&owner).await;
    let one = code(&browser, &request("shop", &[])).await;
    let by = ("shop", &*secret);
    let tokens = redeem(&tenant, by, &one, &[]).await.expect(200);
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let of_access = ask(&tenant, by, tokens["access_token"].as_str().unwrap()).await;
    let shown = ask(&tenant, by, refresh).await;
    let expected = json!({
        "active": true, "scope": "openid profile", "client_id": "shop", "username": "ada", "iss": tenant.base,
        "sub": of_access["sub"], "sid": of_access["sid"], "exp": shown["exp"],
    });
    assert_eq!(shown, expected);
    assert!(shown["exp"].as_i64() > of_access["exp"].as_i64(), "{shown}");
    for by in [("other", &*other), (&*orders, &*orders_secret)] {
        assert_eq!(ask(&tenant, by, refresh).await, inactive(), "{by:?}");
    }
    // Nothing was used up by asking.
    let renew = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    post_form(&tenant, TOKEN, Some(by), &renew).await.expect(200);

    let path = format!("{USERS}/ada/disable");
    owner.post(&path, &json!({})).await.expect(200);
    assert_eq!(ask(&tenant, by, refresh).await, inactive());
}
