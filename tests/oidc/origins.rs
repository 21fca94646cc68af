//! Pages of applications that call from a browser.

use super::{INTROSPECT, REVOKE, TOKEN, machine};
use crate::{
    application::make,
    support::{Reply, Tenant, TestApp},
};
use reqwest::Method;
use serde_json::json;

const PAGE: &str = "https://page.example";

async fn preflight(tenant: &Tenant<'_>, path: &str, origin: &str) -> Reply {
    let anybody = tenant.anybody();
    let request = anybody.request(Method::OPTIONS, path).header("origin", origin);
    let request = request
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type");
    anybody.send(request).await
}

#[tokio::test]
async fn a_page_may_call_from_where_its_people_come_back_to_without_anybody_configuring_it() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let spec =
        json!({ "redirectUris": [format!("{PAGE}/callback")], "allowedOrigins": ["https://admin.page.example"] });
    make(&owner, "page", "single-page", spec).await;
    let uris = json!({ "redirectUris": ["https://shop.example/callback"] });
    make(&owner, "shop", "web-server", uris).await;
    for path in [TOKEN, REVOKE] {
        for origin in [PAGE, "https://admin.page.example"] {
            let reply = preflight(&tenant, path, origin).await;
            assert_eq!(reply.status, 204, "{path} {origin}");
            for (name, value) in [
                ("access-control-allow-origin", origin),
                ("access-control-allow-methods", "GET, POST"),
                ("access-control-allow-headers", "Authorization, Content-Type"),
                ("access-control-max-age", "7200"),
                ("access-control-allow-credentials", ""),
                ("vary", "Origin"),
            ] {
                assert_eq!(reply.header(name), value, "{path} {origin} {name}");
            }
        }
        for origin in [
            "https://page.example.evil.test",
            "https://page.exam",
            "http://page.example",
            "https://page.example:8443",
            "https://shop.example",
            "null",
            "%",
            "https://",
        ] {
            let reply = preflight(&tenant, path, origin).await;
            assert_eq!(reply.header("access-control-allow-origin"), "", "{path} {origin}");
        }
    }
    let reply = preflight(&tenant, INTROSPECT, PAGE).await;
    assert_eq!(reply.header("access-control-allow-origin"), "");
    let disable = format!("{}/page/disable", crate::application::APPLICATIONS);
    owner.post(&disable, &json!({})).await.expect(200);
    let reply = preflight(&tenant, TOKEN, PAGE).await;
    assert_eq!(reply.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn an_answer_may_be_read_by_pages_of_the_application_that_it_is_for() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let spec = json!({ "redirectUris": [format!("{PAGE}/callback")] });
    make(&owner, "page", "single-page", spec).await;
    make(&owner, "other", "single-page", json!({})).await;
    let shared = json!({ "allowedOrigins": [PAGE] });
    let secret = machine(&owner, "cron", shared).await;
    let anybody = tenant.anybody();
    let send = async |path: &str, origin: &str, form: &[(&str, &str)]| {
        let request = anybody.request(Method::POST, path).header("origin", origin).form(form);
        anybody.send(request).await
    };
    let page = [
        ("client_id", "page"),
        ("token", "x"),
        ("grant_type", "client_credentials"),
    ];
    for (path, status) in [(REVOKE, 200), (TOKEN, 400)] {
        let reply = send(path, PAGE, &page).await;
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("access-control-allow-origin"), PAGE, "{path}");
        assert_eq!(reply.header("cross-origin-resource-policy"), "cross-origin");
        assert_eq!(reply.header("access-control-allow-credentials"), "");
        assert!(
            reply
                .header("access-control-expose-headers")
                .contains("WWW-Authenticate")
        );
        let elsewhere = send(path, "https://evil.test", &page).await;
        assert_eq!(elsewhere.header("access-control-allow-origin"), "", "{path}");
        assert_eq!(elsewhere.header("vary"), "Origin");
        assert_eq!(elsewhere.header("cross-origin-resource-policy"), "same-origin");
    }
    let other = [("client_id", "other"), ("token", "x")];
    let reply = send(REVOKE, PAGE, &other).await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("access-control-allow-origin")),
        (200, "")
    );
    // Whoever keeps a secret has no page that could send it.
    let cron = [("client_id", "cron"), ("client_secret", &*secret), ("token", "x")];
    for path in [REVOKE, INTROSPECT] {
        let reply = send(path, PAGE, &cron).await;
        assert_eq!(
            (reply.status.as_u16(), reply.header("access-control-allow-origin")),
            (200, ""),
            "{path}"
        );
    }
}
