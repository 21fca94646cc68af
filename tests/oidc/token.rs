//! Tokens of applications that call for themselves, and how these prove who they are.

use super::{
    INTROSPECT, ORDERS, REVOKE, TOKEN, api, asked, assert_refused, call, decode, machine, post_form, published,
    token_of, verify,
};
use crate::{
    application::{APPLICATIONS, make, secret_of},
    support::{Tenant, TestApp, roles::USERS, statements},
};
use reqwest::Method;
use serde_json::json;

const ROLES: &str = "/apis/console/v1alpha1/roles";
const ITSELF: (&str, &str) = ("grant_type", "client_credentials");

#[tokio::test]
async fn a_machine_gets_a_token_that_does_what_its_roles_permit_and_nothing_else() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    let secret = machine(&owner, "cron", json!({ "roles": ["support"] })).await;
    let reply = post_form(&tenant, TOKEN, Some(("cron", &secret)), &[ITSELF]).await;
    assert_eq!(
        (reply.header("cache-control"), reply.header("pragma")),
        ("no-store", "no-cache")
    );
    let answer = reply.expect(200);
    assert_eq!(
        (&answer["token_type"], &answer["expires_in"], &answer["scope"]),
        (&json!("Bearer"), &json!(900), &json!("api"))
    );
    assert_eq!(answer.as_object().unwrap().len(), 4, "{answer}");
    let token = answer["access_token"].as_str().unwrap();
    let claims = verify(token, &published(&tenant).await);
    for (name, value) in [
        ("iss", &*tenant.base),
        ("aud", &tenant.base),
        ("sub", "cron"),
        ("client_id", "cron"),
    ] {
        assert_eq!(claims[name], value, "{claims}");
    }
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
    assert!(
        claims["jti"].is_string() && claims["sid"].is_null() && claims["nbf"].is_null(),
        "{claims}"
    );
    assert_eq!(decode(token).0["typ"], "at+jwt");

    call(&tenant, Method::GET, USERS, token).await.expect(200);
    call(&tenant, Method::DELETE, &format!("{USERS}/admin"), token)
        .await
        .expect_problem(403, "forbidden");
    call(&tenant, Method::GET, &format!("{USERS}/-"), token)
        .await
        .expect_problem(403, "person_required");
    let default = app.default_tenant();
    call(&default, Method::GET, USERS, token)
        .await
        .expect_problem(401, "unauthenticated");
    app.advance(900);
    call(&tenant, Method::GET, USERS, token)
        .await
        .expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_token_for_some_permissions_opens_these_and_what_is_open_to_everybody() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let spec = json!({ "roles": ["auditor"], "scopes": ["users:list", "roles:*"] });
    let secret = machine(&owner, "cron", spec).await;
    let token = token_of(
        &tenant,
        ("cron", &secret),
        &[("scope", "users:list roles:get users:delete openid")],
    )
    .await;
    assert_eq!(decode(&token).1["scope"], "users:list roles:get");
    call(&tenant, Method::GET, USERS, &token).await.expect(200);
    call(&tenant, Method::GET, &format!("{ROLES}/support"), &token)
        .await
        .expect(200);
    call(&tenant, Method::GET, "/apis/console/v1alpha1/tenant", &token)
        .await
        .expect(200);
    let refused = call(&tenant, Method::GET, ROLES, &token).await;
    assert_eq!(
        refused.header("www-authenticate"),
        "Bearer error=\"insufficient_scope\", scope=\"roles:list\""
    );
    refused.expect_problem(403, "insufficient_scope");
    // What a scope names, the roles must permit as well.
    let whole = token_of(&tenant, ("cron", &secret), &[]).await;
    assert_eq!(decode(&whole).1["scope"], "roles:* users:list");
    call(&tenant, Method::GET, ROLES, &whole).await.expect(200);
    call(&tenant, Method::DELETE, &format!("{ROLES}/support"), &whole)
        .await
        .expect_problem(403, "forbidden");
    // Somebody who may have some permissions may not have all of them.
    let all = post_form(&tenant, TOKEN, Some(("cron", &secret)), &[ITSELF, ("scope", "api")]).await;
    assert_refused(&all, 400, "invalid_scope");
}

#[tokio::test]
async fn what_an_application_may_changes_with_its_roles_and_ends_with_itself() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = machine(&owner, "cron", json!({ "roles": ["support"] })).await;
    let token = token_of(&tenant, ("cron", &secret), &[]).await;
    let list = async || call(&tenant, Method::GET, USERS, &token).await.status.as_u16();
    assert_eq!(list().await, 200);
    let path = format!("{APPLICATIONS}/cron");
    for (roles, status) in [(json!([]), 403), (json!(["support"]), 200)] {
        let request = owner
            .request(Method::PATCH, &path)
            .json(&json!({ "spec": { "roles": roles } }));
        owner.send(request).await.expect(200);
        assert_eq!(list().await, status, "{roles}");
    }
    for (act, status) in [("disable", 401), ("enable", 200)] {
        owner.post(&format!("{path}/{act}"), &json!({})).await.expect(200);
        assert_eq!(list().await, status, "{act}");
        let reply = post_form(&tenant, TOKEN, Some(("cron", &secret)), &[ITSELF]).await;
        assert_eq!(reply.status.as_u16(), status, "{act}");
    }
    owner.delete(&path).await.expect(204);
    assert_eq!(list().await, 401);
}

#[tokio::test]
async fn nobody_gives_an_application_scopes_that_they_do_not_have() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let manager = machine(&owner, "manager", json!({ "roles": ["application-manager"] })).await;
    let token = token_of(&tenant, ("manager", &manager), &[]).await;
    let make = async |spec: serde_json::Value| {
        let new = json!({ "preset": "machine", "metadata": { "name": "made" }, "spec": spec });
        let anybody = tenant.anybody();
        let request = anybody
            .request(Method::POST, APPLICATIONS)
            .bearer_auth(&token)
            .json(&new);
        anybody.send(request).await
    };
    make(json!({ "roles": ["owner"] }))
        .await
        .expect_problem(403, "escalation");
    make(json!({ "scopes": ["users:delete"] }))
        .await
        .expect_problem(403, "escalation");
    make(json!({ "roles": ["application-manager"], "scopes": ["applications:get"] }))
        .await
        .expect(200);
    let event = owner
        .get("/apis/console/v1alpha1/audit-events?action=applications:create&size=1")
        .await
        .expect(200);
    assert_eq!(event["items"][0]["actor"], "client:manager", "{event}");
}

#[tokio::test]
async fn a_token_for_an_api_is_signed_as_the_api_wants_it_and_opens_nothing_of_ours() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    api(
        &owner,
        ORDERS,
        &json!({ "accessTokenAlg": "RS256", "accessTokenSeconds": 300 }),
    )
    .await;
    let claims = json!([{ "claim": "groups", "source": "roles", "form": "text", "inAccessToken": true }]);
    let spec = json!({
        "audiences": [{ "audience": ORDERS, "scopes": ["read"] }], "scopes": ["roles"], "roles": ["support", "user"],
        "claims": claims,
    });
    let secret = machine(&owner, "cron", spec).await;
    let token = token_of(
        &tenant,
        ("cron", &secret),
        &[("resource", ORDERS), ("scope", "read write roles")],
    )
    .await;
    let (header, said) = decode(&token);
    assert_eq!((&header["alg"], &header["typ"]), (&json!("RS256"), &json!("at+jwt")));
    assert_eq!(verify(&token, &published(&tenant).await), said);
    assert_eq!((&said["aud"], &said["scope"]), (&json!(ORDERS), &json!("read roles")));
    assert_eq!(
        (&said["roles"], &said["groups"]),
        (&json!(["support", "user"]), &json!("support,user"))
    );
    assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 300);
    call(&tenant, Method::GET, USERS, &token)
        .await
        .expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn an_application_that_reaches_several_apis_says_which() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let stock = "https://stock.example";
    api(&owner, ORDERS, &json!({})).await;
    api(&owner, stock, &json!({ "scopes": [{ "scope": "count" }] })).await;
    let audiences = json!([{ "audience": ORDERS, "scopes": ["read"] }, { "audience": stock, "scopes": ["count"] }]);
    let spec = json!({ "audiences": audiences, "roles": ["support"], "scopes": ["users:list"] });
    let secret = machine(&owner, "cron", spec).await;
    let ask = async |more: &[(&str, &str)]| {
        let form = [&[ITSELF], more].concat();
        post_form(&tenant, TOKEN, Some(("cron", &secret)), &form).await
    };
    for (more, word) in [
        (&[][..], "invalid_target"),
        (&[("resource", "https://other.example")], "invalid_target"),
        (&[("resource", ORDERS), ("resource", "nothing")], "invalid_target"),
        (&[("resource", ORDERS), ("scope", "count")], "invalid_scope"),
        (&[("scope", "delete")], "invalid_scope"),
        (&[("scope", "openid offline_access")], "invalid_scope"),
        (&[("scope", "re\"ad")], "invalid_scope"),
    ] {
        assert_refused(&ask(more).await, 400, word);
    }
    for (more, audience, scope) in [
        (&[("resource", ORDERS)][..], json!(ORDERS), "read"),
        (&[("resource", &app.base)], json!(app.base), "users:list"),
        (&[("scope", "count")], json!(stock), "count"),
        (&[("scope", "count read count")], json!([ORDERS, stock]), "count read"),
        (
            &[("resource", stock), ("resource", ORDERS), ("resource", stock)],
            json!([stock, ORDERS]),
            "count read",
        ),
        // One without a value is as absent.
        (&[("resource", ORDERS), ("scope", "")], json!(ORDERS), "read"),
    ] {
        let answer = ask(more).await.expect(200);
        assert_eq!(answer["scope"], scope, "{more:?}");
        let claims = decode(answer["access_token"].as_str().unwrap()).1;
        assert_eq!(
            (&claims["aud"], &claims["scope"]),
            (&audience, &json!(scope)),
            "{more:?}"
        );
    }
}

/// Makes `shop`, which keeps a secret, and `page`, which keeps none, and returns the secret.
async fn clients(tenant: &Tenant<'_>) -> String {
    let owner = tenant.owner().await;
    make(&owner, "page", "single-page", json!({})).await;
    machine(&owner, "shop", json!({ "roles": ["support"] })).await
}

#[tokio::test]
async fn a_client_proves_itself_in_one_way_and_whatever_is_wrong_is_one_answer() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let secret = clients(&tenant).await;
    let anybody = tenant.anybody();
    let post = |form: &[(&str, &str)]| anybody.request(Method::POST, TOKEN).form(&[&[ITSELF], form].concat());
    let challenge = format!("Basic realm=\"{}\"", tenant.base);
    for (request, is_asked) in [
        (post(&[]).basic_auth("shop", Some("wrong")), true),
        (post(&[]).basic_auth("nobody", Some(&secret)), true),
        (post(&[]).basic_auth("page", Some(&secret)), true),
        (post(&[]).basic_auth("", Some("")), true),
        (post(&[]).bearer_auth(&secret), true),
        (post(&[]).header("authorization", "Basic !!!"), true),
        (post(&[]).basic_auth("sh%00op", Some(&secret)), true),
        (post(&[]), false),
        (post(&[("client_id", "shop")]), false),
        (post(&[("client_id", "shop"), ("client_secret", "wrong")]), false),
        (post(&[("client_id", "nobody"), ("client_secret", &secret)]), false),
        (post(&[("client_id", "page"), ("client_secret", &secret)]), false),
        (post(&[("client_secret", &secret)]), false),
        (post(&[("client_id", "shop"), ("client_assertion", "x")]), false),
    ] {
        let reply = anybody.send(request).await;
        assert_refused(&reply, 401, "invalid_client");
        let expected = if is_asked { &*challenge } else { "" };
        assert_eq!(reply.header("www-authenticate"), expected, "{}", reply.text);
    }
    for request in [
        post(&[("client_secret", &secret)]).basic_auth("shop", Some(&secret)),
        post(&[("client_id", "page")]).basic_auth("shop", Some(&secret)),
        post(&[("client_assertion", "x")]).basic_auth("shop", Some(&secret)),
        post(&[
            ("client_id", "shop"),
            ("client_secret", &secret),
            ("client_assertion", "x"),
        ]),
    ] {
        assert_refused(&anybody.send(request).await, 400, "invalid_request");
    }
    for request in [
        post(&[]).basic_auth("shop", Some(&secret)),
        post(&[("client_id", "shop")]).basic_auth("shop", Some(&secret)),
        // Each half is encoded as in a form (RFC 6749 §2.3.1).
        post(&[]).basic_auth("%73hop", Some(&secret)),
        post(&[("client_id", "shop"), ("client_secret", &secret)]),
    ] {
        anybody.send(request).await.expect(200);
    }
}

#[tokio::test]
async fn what_is_no_request_of_the_protocol_is_refused_in_its_words() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let secret = clients(&tenant).await;
    let anybody = tenant.anybody();
    let by_shop = || anybody.request(Method::POST, TOKEN).basic_auth("shop", Some(&secret));
    let form = |body: &str| {
        let request = by_shop().header("content-type", "application/x-www-form-urlencoded");
        request.body(body.to_owned())
    };
    let large = format!("grant_type=client_credentials&scope={}", "a".repeat(16 << 10));
    for (request, status, word) in [
        (
            form("grant_type=client_credentials&grant_type=client_credentials"),
            400,
            "invalid_request",
        ),
        (
            form("grant_type=client_credentials&what=1&what=2"),
            400,
            "invalid_request",
        ),
        (form("grant_type=client_credentials&scope=%00"), 400, "invalid_request"),
        (form(""), 400, "invalid_request"),
        (form("grant_type="), 400, "invalid_request"),
        (
            form("grant_type=password&username=admin&password=x"),
            400,
            "unsupported_grant_type",
        ),
        (form("grant_type=implicit"), 400, "unsupported_grant_type"),
        (form(&large), 413, "invalid_request"),
        (
            by_shop().json(&json!({ "grant_type": "client_credentials" })),
            415,
            "invalid_request",
        ),
        (by_shop().body("grant_type=client_credentials"), 415, "invalid_request"),
    ] {
        assert_refused(&anybody.send(request).await, status, word);
    }
    // Somebody who is known and may not do it.
    let form = [ITSELF, ("client_id", "page")];
    assert_refused(
        &post_form(&tenant, TOKEN, None, &form).await,
        400,
        "unauthorized_client",
    );
    // What is in an address is in logs: nothing of it is looked at.
    let by_query = format!("{TOKEN}?grant_type=client_credentials&client_id=shop&client_secret={secret}");
    assert_refused(
        &post_form(&tenant, &by_query, None, &[ITSELF]).await,
        401,
        "invalid_client",
    );
}

#[tokio::test]
async fn endpoints_of_clients_take_nothing_but_posts() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    for path in [TOKEN, INTROSPECT, REVOKE] {
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::HEAD] {
            let reply = anybody.send(anybody.request(method.clone(), path)).await;
            assert_eq!(
                (reply.status.as_u16(), reply.header("allow")),
                (405, "POST"),
                "{method} {path}"
            );
        }
        assert_refused(&anybody.get(path).await, 405, "invalid_request");
    }
}

#[tokio::test]
async fn a_password_of_a_user_is_no_secret_of_a_client() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let by = ("admin", crate::support::PASSWORD);
    assert_refused(
        &post_form(&tenant, TOKEN, Some(by), &[ITSELF]).await,
        401,
        "invalid_client",
    );
}

#[tokio::test]
async fn a_token_that_an_application_gets_for_itself_again_asks_no_statement() {
    statements::collect();
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    api(&owner, ORDERS, &json!({ "accessTokenAlg": "ES256" })).await;
    let spec = json!({ "audiences": [{ "audience": ORDERS, "scopes": ["read"] }] });
    let secret = machine(&owner, "cron", spec).await;
    let ask = async || post_form(&tenant, TOKEN, Some(("cron", &secret)), &[ITSELF]).await;
    assert!(!asked(&ask().await).is_empty(), "the control");
    // A key for this algorithm was only just made.
    ask().await.expect(200);
    assert_eq!(asked(&ask().await), [""; 0]);
    // What an application has changes at once.
    secret_of(&owner, "cron").await;
    assert!(!asked(&ask().await).is_empty());
    let count = app
        .count("select count(*) from audit_event where action = 'tokens:create'")
        .await;
    assert_eq!(count, 0, "nothing is written either");
}

#[tokio::test]
async fn an_application_is_not_called_as_users_and_apis_are() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for name in ["usr_0190a9f0c7d87c3e8f3b0a4b6c2d1e0f", "rsv_1"] {
        let refused = crate::application::create(&owner, name, "machine", json!({})).await;
        refused.expect_problem(400, "invalid");
    }
    make(&owner, "usr", "machine", json!({})).await;
}
