//! Calls from pages of other origins: as far as the tenant names them, and never with the cookie.

use crate::support::{PASSWORD, Person, Reply, TestApp};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

const CONSOLE: &str = "/apis/console/v1alpha1";
const APP: &str = "https://app.example.com";

fn preflight(person: &Person<'_>, path: &str, origin: &str) -> RequestBuilder {
    let request = person.request(Method::OPTIONS, path).header("origin", origin);
    request
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type")
}

async fn allow(owner: &Person<'_>, origins: &[&str]) -> Reply {
    let policy = json!({ "spec": { "allowedOrigins": origins } });
    owner.put(&format!("{CONSOLE}/policies/cross-origin"), &policy).await
}

#[tokio::test]
async fn pages_of_origins_that_the_tenant_names_may_call_and_no_others() {
    let app = TestApp::start().await;
    let (tenant, acme) = (app.default_tenant(), app.tenant("acme").await);
    let (anybody, owner) = (tenant.anybody(), tenant.owner().await);
    allow(&owner, &["https://App.example.com:443"]).await.expect(200);
    let paths = [
        "/v1/login",
        "/api/auth/login",
        "/api/user/reset",
        "/auth/v1/users/me",
        &format!("{CONSOLE}/users"),
    ];
    for path in paths {
        let asked = anybody.send(preflight(&anybody, path, APP)).await;
        assert_eq!(asked.status, 204, "{path}");
        assert_eq!(asked.header("access-control-allow-origin"), APP);
        assert!(asked.header("access-control-allow-methods").contains("POST"));
        assert!(asked.header("access-control-allow-headers").contains("Authorization"));
        assert!(asked.header("vary").starts_with("Origin"));
        assert_eq!(asked.header("access-control-allow-credentials"), "");
        for (who, origin) in [
            (&anybody, "https://evil.example.com"),
            (&acme.anybody(), APP),
            (&anybody, "null"),
        ] {
            let refused = who.send(preflight(who, path, origin)).await;
            assert_eq!(refused.status, 405, "{path} {origin}");
            assert_eq!(refused.header("access-control-allow-origin"), "");
            assert_eq!(refused.header("vary"), "Origin");
        }
    }
    let given = json!({ "username": "admin", "password": PASSWORD });
    let call = |origin: &str| {
        anybody
            .request(Method::POST, "/v1/login")
            .header("origin", origin)
            .json(&given)
    };
    let answered = anybody.send(call(APP)).await;
    assert_eq!(answered.header("access-control-allow-origin"), APP);
    let exposed = answered.header("access-control-expose-headers").to_owned();
    for header in [
        "ETag",
        "Retry-After",
        "RateLimit",
        "RateLimit-Policy",
        "WWW-Authenticate",
        "X-Request-Id",
    ] {
        assert!(
            exposed.split(", ").any(|known| known == header),
            "{header} is not exposed: {exposed}"
        );
    }
    assert_eq!(answered.header("vary"), "Origin");
    answered.expect(200);
    let strange = anybody.send(call("https://evil.example.com")).await;
    assert_eq!(
        (strange.header("access-control-allow-origin"), strange.header("vary")),
        ("", "Origin")
    );
    // Errors are told as well.
    let wrong = anybody
        .request(Method::GET, &format!("{CONSOLE}/users"))
        .header("origin", APP);
    let wrong = anybody.send(wrong).await;
    assert_eq!(wrong.header("access-control-allow-origin"), APP);
    wrong.expect_problem(401, "unauthenticated");
    let plain = anybody.get(&format!("{CONSOLE}/users")).await;
    assert_eq!(
        (plain.header("access-control-allow-origin"), plain.header("vary")),
        ("", "")
    );
    allow(&owner, &[]).await.expect(200);
    assert_eq!(anybody.send(preflight(&anybody, "/v1/login", APP)).await.status, 405);
}

#[tokio::test]
async fn a_page_of_a_named_origin_does_nothing_with_the_session_cookie() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (anybody, owner) = (tenant.anybody(), tenant.owner().await);
    allow(&owner, &[APP]).await.expect(200);
    let given = json!({ "username": "admin", "password": PASSWORD });
    let signed_in = anybody.post(&format!("{CONSOLE}/sessions"), &given).await;
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
    let new = json!({ "name": "ada", "email": "ada@example.com", "password": PASSWORD });
    let request = anybody
        .request(Method::POST, &format!("{CONSOLE}/users"))
        .header("origin", APP);
    let refused = anybody.send(request.header("cookie", cookie).json(&new)).await;
    assert_eq!(refused.header("access-control-allow-credentials"), "");
    refused.expect_problem(403, "cross_site");
}

#[tokio::test]
async fn a_policy_names_origins_and_nothing_else() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for wrong in [
        "*",
        "null",
        "https://app.example.com/",
        "https://*.example.com",
        "app.example.com",
    ] {
        let refused = allow(&owner, &[wrong]).await.expect_problem(400, "invalid");
        assert_eq!(refused["errors"][0]["field"], "spec.allowedOrigins[0]", "{wrong}");
    }
    let kept = allow(&owner, &["HTTPS://App.Example.com:443"]).await.expect(200);
    assert_eq!(kept["spec"]["allowedOrigins"], json!([APP]));
}

/// A gateway passes on what a browser asks of the application behind it.
#[tokio::test]
async fn what_a_gateway_asks_is_no_preflight_of_ours() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (anybody, owner) = (tenant.anybody(), tenant.owner().await);
    allow(&owner, &[APP]).await.expect(200);
    let asked = anybody.send(preflight(&anybody, "/v1/identity/resolve", APP)).await;
    assert_eq!(asked.status, 401);
    let asked = owner
        .request(Method::POST, "/v1/identity/resolve")
        .header("origin", APP);
    let answered = owner.send(asked).await;
    let added = ["access-control-allow-origin", "access-control-expose-headers", "vary"];
    assert_eq!(added.map(|name| answered.header(name)), ["", "", ""]);
    answered.expect(200);
}
