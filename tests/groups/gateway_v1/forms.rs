//! How gateways ask, as they were recorded: Higress, Envoy, Traefik.

use crate::support::{PASSWORD, Person, Reply, TestApp};
use reqwest::Method;
use serde_json::json;

const RESOLVE: &str = "/v1/identity/resolve";
const HEADERS: [&str; 6] = [
    "x-user-id",
    "x-user-name",
    "x-user-email",
    "x-user-roles",
    "x-tenant-id",
    "x-session-id",
];

/// The forms of one request `PUT /orders/7?dry=1` with a body at `shop.example.com`.
async fn ask(person: &Person<'_>, form: &str) -> Reply {
    let request = match form {
        "Higress ext-auth, forward_auth" => person
            .request(Method::GET, RESOLVE)
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-method", "PUT")
            .header("x-forwarded-uri", "/orders/7?dry=1")
            .header("x-forwarded-host", "shop.example.com")
            .header("x-original-method", "PUT")
            .header("x-original-uri", "/orders/7?dry=1"),
        "Higress ext-auth, forward_auth by POST" => person
            .request(Method::POST, RESOLVE)
            .header("content-length", "0")
            .header("x-forwarded-method", "PUT")
            .header("x-forwarded-uri", "/orders/7?dry=1"),
        "Higress ext-auth, envoy" => person.request(Method::PUT, &format!("{RESOLVE}/orders/7?dry=1")),
        "Envoy ext_authz" => person
            .request(Method::PUT, &format!("{RESOLVE}/orders/7?dry=1"))
            .header("content-length", "0")
            .header("x-envoy-internal", "true"),
        "Envoy ext_authz with the body" => person
            .request(Method::PUT, &format!("{RESOLVE}/orders/7?dry=1"))
            .header("content-type", "application/json")
            .body("{\"any\": \"body"),
        "Traefik ForwardAuth" => person
            .request(Method::GET, RESOLVE)
            .header("x-forwarded-method", "PUT")
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-host", "shop.example.com")
            .header("x-forwarded-port", "443")
            .header("x-forwarded-uri", "/orders/7?dry=1")
            .header("x-forwarded-for", "203.0.113.9"),
        "nginx auth_request" => person.request(Method::GET, RESOLVE).header("connection", "close"),
        other => panic!("{other}"),
    };
    person.send(request).await
}

const FORMS: [&str; 7] = [
    "Higress ext-auth, forward_auth",
    "Higress ext-auth, forward_auth by POST",
    "Higress ext-auth, envoy",
    "Envoy ext_authz",
    "Envoy ext_authz with the body",
    "Traefik ForwardAuth",
    "nginx auth_request",
];

#[tokio::test]
async fn every_form_of_every_gateway_is_answered_with_who_it_is() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    for form in FORMS {
        let reply = ask(&owner, form).await;
        assert_eq!(reply.status, 200, "{form}: {}", reply.text);
        for name in HEADERS {
            assert_eq!(reply.headers.get_all(name).iter().count(), 1, "{form}: {name}");
        }
        let id = owner.tokens["user"]["userId"].as_str().unwrap();
        assert_eq!(reply.header("x-user-id"), id, "{form}");
        assert_eq!(reply.header("x-user-name"), "admin", "{form}");
        assert_eq!(reply.header("x-user-email"), "admin@localhost", "{form}");
        assert_eq!(reply.header("x-user-roles"), "owner,user", "{form}");
        assert!(reply.header("x-tenant-id").starts_with("ten_"), "{form}");
        assert!(reply.header("x-session-id").starts_with("ses_"), "{form}");
        assert_eq!(reply.header("cache-control"), "no-store", "{form}");
        assert_eq!(reply.json()["userId"], id, "{form}");
    }
}

#[tokio::test]
async fn nobody_is_challenged_in_every_form() {
    let app = TestApp::start().await;
    let anybody = app.default_tenant().anybody();
    for form in FORMS {
        let reply = ask(&anybody, form).await;
        assert_eq!(reply.header("www-authenticate"), "Bearer", "{form}");
        assert_eq!(reply.header("x-user-id"), "", "{form}");
        reply.expect_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn what_a_client_says_it_is_is_not_believed_and_not_repeated() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    app.work().await;
    let mut request = ada.request(Method::GET, RESOLVE);
    for name in HEADERS {
        request = request.header(name, "owner");
    }
    let reply = ada.send(request).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.header("x-user-name"), "ada");
    assert_eq!(reply.header("x-user-roles"), "user");
    assert_eq!(
        reply.header("x-user-email"),
        "",
        "an address that is not proven is nobody's"
    );
    assert!(!HEADERS.iter().any(|name| reply.header(name) == "owner"));
}

#[tokio::test]
async fn the_session_of_a_browser_counts_whatever_the_method() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    let given = json!({ "username": "admin", "password": PASSWORD });
    let signed_in = anybody.post("/apis/console/v1alpha1/sessions", &given).await;
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
    for method in [Method::GET, Method::POST, Method::DELETE] {
        let request = anybody.request(method.clone(), RESOLVE).header("cookie", &cookie);
        let reply = anybody.send(request).await;
        assert_eq!(reply.status, 200, "{method}: {}", reply.text);
        assert_eq!(reply.header("x-user-name"), "admin");
    }
}

#[tokio::test]
async fn who_has_to_choose_a_password_first_is_known_and_may_not() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let new = json!({ "name": "bob", "email": "bob@example.com", "password": PASSWORD, "mustChangePassword": false });
    let users = "/apis/console/v1alpha1/users";
    owner.post(users, &new).await.expect(200);
    let bob = tenant.sign_in("bob").await;
    assert_eq!(ask(&bob, "nginx auth_request").await.status, 200);
    let given = json!({ "password": PASSWORD, "mustChange": true });
    owner.put(&format!("{users}/bob/password"), &given).await.expect(200);
    let bob = tenant.sign_in("bob").await;
    ask(&bob, "nginx auth_request")
        .await
        .expect_problem(403, "password_change_required");
}

#[tokio::test]
async fn a_token_of_another_tenant_or_of_an_ended_session_is_nobody() {
    let app = TestApp::start().await;
    let (a, b) = (app.tenant("a").await, app.tenant("b").await);
    let of_a = a.owner().await;
    let mut at_b = b.anybody();
    at_b.tokens = of_a.tokens.clone();
    ask(&at_b, "nginx auth_request")
        .await
        .expect_problem(401, "unauthenticated");
    assert_eq!(ask(&of_a, "nginx auth_request").await.status, 200);
    of_a.post("/v1/logout", &json!({})).await.expect(200);
    ask(&of_a, "nginx auth_request")
        .await
        .expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn nobody_passes_by_saying_that_it_is_a_preflight() {
    // Behind a proxy that is trusted as well: it may pass on what its client says.
    let app = TestApp::start_with(|config| config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    for name in ["x-forwarded-method", "x-original-method"] {
        for (person, expected) in [(&tenant.anybody(), 401), (&owner, 200)] {
            let request = person.request(Method::GET, RESOLVE).header(name, "OPTIONS");
            let reply = person.send(request).await;
            assert_eq!(reply.status, expected, "{name}: {}", reply.text);
        }
    }
    let anybody = tenant.anybody();
    let request = anybody.request(Method::OPTIONS, RESOLVE);
    assert_eq!(anybody.send(request).await.status, 401);
}
