//! A browser sends its cookie with every request, also with one that another site made it send.

use crate::contract::bad_input::{USERS, check, totals};
use crate::support::{PASSWORD, Person, Reply, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

const SESSIONS: &str = "/apis/console/v1alpha1/sessions";

/// The cookie of a user who signs in in a browser.
async fn browser(app: &TestApp) -> String {
    let given = json!({ "username": "admin", "password": PASSWORD });
    let answer = app.default_tenant().anybody().post(SESSIONS, &given).await;
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

async fn send(who: &Person<'_>, method: Method, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
    let request = headers
        .iter()
        .fold(who.request(method, path), |request, (name, value)| {
            request.header(*name, *value)
        });
    who.send(request.json(body)).await
}

#[tokio::test]
async fn a_request_of_another_site_changes_nothing_with_the_cookie() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let cookie = browser(&app).await;
    let (owner, anybody) = (tenant.owner().await, tenant.anybody());
    let before = totals(&owner).await;
    let new = json!({ "name": "ada", "email": "ada@example.com" });
    let other_port = format!("{}1", app.base);
    let https = app.base.replace("http:", "https:");
    let rows: &[&[(&str, &str)]] = &[
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-site", "SAME-ORIGIN, cross-site")],
        &[("sec-fetch-site", "")],
        // No header at all: not a browser of today, or one that was made to leave them out.
        &[],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", "")],
        &[("origin", &https)],
        &[("origin", &other_port)],
        &[("origin", "http://127.0.0.1")],
        &[("sec-fetch-site", "cross-site"), ("origin", &app.base)],
        &[("referer", &app.base)],
    ];
    let changes = [
        (Method::POST, USERS.to_owned(), &new),
        (Method::POST, format!("{USERS}/-/send-email-verification-code"), &new),
        (Method::DELETE, format!("{SESSIONS}/-"), &Value::Null),
        (Method::PUT, "/auth/v1/users/me/email".to_owned(), &new),
        (
            Method::POST,
            "/auth/v1/users/me/email/_resend_verification".to_owned(),
            &Value::Null,
        ),
    ];
    for row in rows {
        let headers = [&[("cookie", cookie.as_str())], *row].concat();
        for (method, path, body) in &changes {
            let reply = send(&anybody, method.clone(), path, &headers, body).await;
            check(&format!("{method} {path} {row:?}"), &reply, 403, "cross_site");
        }
    }
    assert_eq!(totals(&owner).await, before);

    // The session lives, and reading is not changing.
    let reading = [("cookie", cookie.as_str()), ("sec-fetch-site", "cross-site")];
    send(&anybody, Method::GET, USERS, &reading, &Value::Null)
        .await
        .expect(200);
}

#[tokio::test]
async fn a_request_of_this_site_changes_what_it_should_with_the_cookie() {
    let app = TestApp::start().await;
    let cookie = browser(&app).await;
    let anybody = app.default_tenant().anybody();
    let rows: &[&[(&str, &str)]] = &[
        &[("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
        &[("origin", &app.base)],
    ];
    for (number, row) in rows.iter().enumerate() {
        let headers = [&[("cookie", cookie.as_str())], *row].concat();
        let new = json!({ "name": format!("ada{number}"), "email": format!("ada{number}@example.com") });
        let reply = send(&anybody, Method::POST, USERS, &headers, &new).await;
        assert_eq!(reply.status, 200, "{row:?}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_token_needs_no_site_since_no_browser_sends_it_by_itself() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let cookie = browser(&app).await;
    let new = json!({ "name": "ada", "email": "ada@example.com" });
    let headers = [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
        ("cookie", &cookie),
    ];
    send(&owner, Method::POST, USERS, &headers, &new).await.expect(200);
}

#[tokio::test]
async fn a_header_that_is_meant_for_a_proxy_does_not_hide_the_cookie() {
    let app = TestApp::start().await;
    let cookie = browser(&app).await;
    let anybody = app.default_tenant().anybody();
    let path = format!("{USERS}/-");
    for header in [
        "Basic c3RhZ2luZzpwYXNzd29yZA==",
        "Bearer a-token-of-somebody-else",
        "Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJvdGhlciJ9.c2ln",
        "Digest username=\"staging\"",
    ] {
        let headers = [("authorization", header), ("cookie", &cookie)];
        let reply = send(&anybody, Method::GET, &path, &headers, &Value::Null).await;
        assert_eq!(reply.status, 200, "{header}: {}", reply.text);
        // What holds for the cookie holds beside it.
        let headers = [
            ("authorization", header),
            ("cookie", &cookie),
            ("origin", "https://evil.example"),
        ];
        let change = send(
            &anybody,
            Method::DELETE,
            &format!("{SESSIONS}/-"),
            &headers,
            &Value::Null,
        )
        .await;
        change.expect_problem(403, "cross_site");
        let alone = [("authorization", header)];
        let reply = send(&anybody, Method::GET, &path, &alone, &Value::Null).await;
        assert_eq!(reply.status, 401, "{header}");
    }
}
