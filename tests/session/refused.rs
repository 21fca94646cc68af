//! Authorization headers that are broken, and tokens that are too old.

use crate::contract::bad_input::{MESSAGES, OWN, USERS, check};
use crate::support::{Person, TestApp};
use reqwest::{Method, header::HeaderValue};
use serde_json::json;

/// The answers to this `Authorization` in each group must be that nobody is signed in.
pub(crate) async fn refuse(who: &Person<'_>, what: &str, authorization: &[u8]) {
    let anybody = who.tenant.anybody();
    let value = HeaderValue::from_bytes(authorization).unwrap();
    for (method, path) in [
        (Method::GET, USERS),
        (Method::GET, MESSAGES),
        (Method::GET, OWN),
        (Method::POST, "/v1/logout"),
    ] {
        let request = anybody
            .request(method, path)
            .header("authorization", value.clone())
            .json(&json!({}));
        let reply = anybody.send(request).await;
        check(&format!("{what} at {path}"), &reply, 401, "unauthenticated");
        let is_token = authorization.trim_ascii_end().len() > 7 && authorization[..7].eq_ignore_ascii_case(b"Bearer ");
        let challenge = match is_token && authorization.iter().all(|b| (b' '..=b'~').contains(b)) {
            true => "Bearer error=\"invalid_token\"",
            false => "Bearer",
        };
        assert_eq!(reply.header("www-authenticate"), challenge, "{what} at {path}");
    }
}

/// The control: with this `Authorization` somebody is signed in.
pub(crate) async fn accept(who: &Person<'_>, what: &str, authorization: &str) {
    let anybody = who.tenant.anybody();
    for path in [USERS, MESSAGES, OWN] {
        let reply = anybody
            .send(
                anybody
                    .request(Method::GET, path)
                    .header("authorization", authorization),
            )
            .await;
        assert_eq!(reply.status, 200, "{what} at {path}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_challenge_says_that_a_token_is_not_good_only_to_who_brought_one() {
    let app = TestApp::start().await;
    let anybody = app.default_tenant().anybody();
    let login = json!({ "username": "admin", "password": "not the password" });
    let refresh = json!({ "refreshToken": "rt_of_nobody" });
    for (method, path, body) in [
        (Method::GET, USERS, json!({})),
        (Method::GET, OWN, json!({})),
        (Method::GET, "/v1/sessions", json!({})),
        (Method::POST, "/v1/login", login.clone()),
        (
            Method::POST,
            "/api/auth/login",
            json!({ "email": "admin@localhost", "password": "not the password" }),
        ),
        (Method::POST, "/v1/refresh", refresh),
    ] {
        let reply = anybody.send(anybody.request(method, path).json(&body)).await;
        assert_eq!(
            (reply.status.as_u16(), reply.header("www-authenticate")),
            (401, "Bearer"),
            "{path}"
        );
    }
    for path in [USERS, OWN, "/v1/sessions"] {
        let request = anybody.request(Method::GET, path).bearer_auth("nobody.signed.this");
        let reply = anybody.send(request).await;
        assert_eq!(reply.status, 401, "{path}");
        assert_eq!(
            reply.header("www-authenticate"),
            "Bearer error=\"invalid_token\"",
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_broken_authorization_header_is_nobody_and_no_fault_of_the_server() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let token = owner.tokens["accessToken"].as_str().unwrap();
    let rows = [
        ("nothing", String::new()),
        ("a scheme", "Bearer".to_owned()),
        ("a scheme and spaces", "Bearer  ".to_owned()),
        ("another scheme", "Basic xyz".to_owned()),
        ("another scheme with the token", format!("Basic {token}")),
        ("no scheme", token.to_owned()),
        ("a scheme that only begins so", format!("Bearertoken {token}")),
        ("a colon", format!("Bearer: {token}")),
        ("two tokens", format!("Bearer {token}, Bearer {token}")),
        ("two tokens and a space", format!("Bearer {token} {token}")),
        ("quotes", format!("Bearer \"{token}\"")),
        ("dots", "Bearer ..".to_owned()),
        ("five parts", format!("Bearer {token}.a.b")),
        ("not base 64", "Bearer a.b.c".to_owned()),
        ("empty objects", "Bearer e30.e30.e30".to_owned()),
        ("100 kB", format!("Bearer {}", "a".repeat(100_000))),
        ("100 kB of dots", format!("Bearer {}", ".".repeat(100_000))),
        ("a character beyond ASCII", format!("Bearer {token}é")),
        ("a tab", format!("Bearer\t{token}")),
    ];
    for (what, row) in rows {
        refuse(&owner, what, row.as_bytes()).await;
    }
    refuse(&owner, "bytes of no text", b"Bearer \xff\xfe\xc3").await;
    for scheme in ["Bearer ", "bearer ", "BEARER   "] {
        accept(&owner, scheme, &format!("{scheme}{token}")).await;
    }
}

#[tokio::test]
async fn a_token_is_good_for_fifteen_minutes() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let authorization = format!("Bearer {}", owner.tokens["accessToken"].as_str().unwrap());
    assert_eq!(owner.tokens["expiresIn"], 900);
    app.advance(840);
    accept(&owner, "after 14 minutes", &authorization).await;
    app.advance(60);
    refuse(&owner, "after 15 minutes", authorization.as_bytes()).await;
}
