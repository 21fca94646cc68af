//! What gateway/v1, the accounts group and the verification group refuse, in their own words.

use crate::contract::bad_input::{INSIDE, dressed};
use crate::support::{PASSWORD, Person, Reply, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) const ADA: &str = "ada@example.com";
const NEW: &str = "a quite other staple";

/// An operation: its path, a body of which every field must be there, and whether it takes
/// somebody who is signed in.
pub(crate) struct Act {
    pub(crate) path: &'static str,
    pub(crate) body: Value,
    signed: bool,
}

pub(crate) fn acts() -> Vec<Act> {
    let act = |path, body| Act {
        path,
        body,
        signed: false,
    };
    let own = |path, body| Act {
        path,
        body,
        signed: true,
    };
    vec![
        act(
            "/v1/email/send-verification",
            json!({ "email": ADA, "purpose": "register" }),
        ),
        act("/v1/email/verify", json!({ "code": "000000" })),
        act("/v1/login", json!({ "password": PASSWORD })),
        act("/v1/refresh", json!({ "refreshToken": "x" })),
        act("/v1/password/reset", json!({ "email": ADA })),
        act(
            "/v1/password/confirm-reset",
            json!({ "code": "000000", "newPassword": NEW }),
        ),
        own(
            "/v1/password/change",
            json!({ "currentPassword": PASSWORD, "newPassword": NEW }),
        ),
        act("/api/auth/login", json!({ "email": ADA, "password": PASSWORD })),
        act(
            "/api/auth/register",
            json!({ "user": { "email": ADA }, "password": PASSWORD, "confirmPassword": PASSWORD }),
        ),
        act("/api/auth/refresh-token", json!({ "refresh_token": "x" })),
        own(
            "/api/auth/change-password",
            json!({ "currentPassword": PASSWORD, "newPassword": NEW, "confirmPassword": NEW }),
        ),
        act("/api/auth/email/verify/code", json!({ "email": ADA, "code": "000000" })),
        act("/api/email-check/validate", json!({ "email": ADA })),
        own("/api/email-reset/request-change", json!({ "email": ADA })),
        own("/api/email-reset/verify", json!({ "code": "000000" })),
        act("/api/user/reset", json!({ "email": ADA, "token": "000000" })),
    ]
}

impl Act {
    fn request(&self, owner: &Person<'_>) -> reqwest::RequestBuilder {
        let anybody = owner.tenant.anybody();
        let who = if self.signed { owner } else { &anybody };
        who.request(Method::POST, self.path)
    }

    pub(crate) async fn send(&self, owner: &Person<'_>, body: &Value) -> Reply {
        owner.send(self.request(owner).json(body)).await
    }
}

/// Checks a refusal in the dialect of the path. The envelope has no code, and is a 200 where a
/// rule refused.
#[track_caller]
pub(crate) fn refused(row: &str, path: &str, reply: &Reply, status: u16, code: &str) {
    let (body, text) = (reply.json(), &reply.text);
    dressed(row, reply);
    assert_eq!(reply.header("content-type"), "application/json", "{row}");
    for word in INSIDE {
        assert!(!text.contains(word), "{row}: {word:?} in {text}");
    }
    let of_accounts = ["/api/auth", "/api/email-check", "/api/email-reset"];
    let is_envelope = path.starts_with("/api/") && !of_accounts.iter().any(|prefix| path.starts_with(prefix));
    if is_envelope {
        assert_eq!(
            reply.status.as_u16(),
            if status == 400 { 200 } else { status },
            "{row}: {text}"
        );
        assert_eq!(body["success"], false, "{row}: {text}");
        assert!(!body["message"].as_str().unwrap().is_empty(), "{row}: {text}");
        assert_eq!(body.as_object().unwrap().len(), 3, "{row}: {text}");
        return;
    }
    assert_eq!(reply.status.as_u16(), status, "{row}: {text}");
    let is_said = body["code"] == *code || body["details"][0]["reason"] == *code.to_ascii_uppercase();
    assert!(is_said, "{row}: {text}");
    if path.starts_with("/api") {
        assert_eq!(body["statusCode"], status, "{row}: {text}");
    }
}

#[tokio::test]
async fn bodies_that_are_none_of_theirs_are_refused_by_every_new_operation() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for act in acts() {
        for (what, body) in [("half", "{\"email\":"), ("a tail", "{} {}"), ("a comment", "{}//")] {
            let request = act.request(&owner).header("content-type", "application/json");
            let reply = owner.send(request.body(body)).await;
            refused(&format!("{} {what}", act.path), act.path, &reply, 400, "malformed");
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
            let request = act.request(&owner).header("content-type", kind);
            let reply = owner.send(request.body(act.body.to_string())).await;
            let row = format!("{} {kind:?}", act.path);
            refused(&row, act.path, &reply, 415, "unsupported_media_type");
        }
        let large = format!("{}{}", act.body, " ".repeat(1 << 20));
        let request = act.request(&owner).header("content-type", "application/json");
        let reply = owner.send(request.body(large)).await;
        refused(&format!("{} too large", act.path), act.path, &reply, 413, "too_large");
        for whole in [json!([]), json!(1), json!("x"), Value::Null, json!({})] {
            let reply = act.send(&owner, &whole).await;
            refused(&format!("{} {whole}", act.path), act.path, &reply, 400, "invalid");
        }
    }
    assert_eq!(app.work().await, 0);
}

#[tokio::test]
async fn fields_that_are_missing_or_of_another_type_are_named_by_every_new_operation() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for act in acts() {
        for field in act.body.as_object().unwrap().keys() {
            let mut bad = vec![
                Value::Null,
                json!([]),
                json!(["x"]),
                json!({ "x": 1 }),
                json!(true),
                json!(1.5),
            ];
            bad.push(json!("x".repeat(10_000)));
            let mut missing = act.body.clone();
            missing.as_object_mut().unwrap().remove(field);
            let bodies = bad.into_iter().map(|value| {
                let mut body = act.body.clone();
                body[field] = value;
                body
            });
            for body in bodies.chain([missing]) {
                let reply = act.send(&owner, &body).await;
                let row = format!("{} {field} of {:.200}", act.path, body.to_string());
                refused(&row, act.path, &reply, 400, "invalid");
                let is_named = act.path == "/api/user/reset" || reply.text.contains(field.as_str());
                assert!(is_named, "{row}: {}", reply.text);
                assert!(reply.text.len() < 4_000, "{row}: what was sent is not sent back");
            }
        }
    }
    assert_eq!(app.work().await, 0);
}

#[tokio::test]
async fn a_method_that_is_none_is_answered_with_those_there_are() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let mut paths: Vec<_> = acts().iter().map(|act| (act.path, "POST")).collect();
    paths.extend([
        ("/api/verification", "GET"),
        ("/api/reset_password", "GET"),
        ("/api/status", "GET"),
        ("/api/auth/check", "GET"),
        ("/v1/sessions", "GET"),
    ]);
    for (path, allowed) in paths {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if method == allowed {
                continue;
            }
            let request = owner.request(method.parse().unwrap(), path).json(&json!({}));
            let reply = owner.send(request).await;
            let row = format!("{method} {path}");
            refused(&row, path, &reply, 405, "method_not_allowed");
            assert!(
                reply.header("allow").contains(allowed),
                "{row}: {}",
                reply.header("allow")
            );
        }
    }
    for path in [
        "/api/nope",
        "/api/auth/nope",
        "/api/user",
        "/v1/password",
        "/api/email-check",
    ] {
        let reply = owner.get(path).await;
        refused(path, path, &reply, 404, "not_found");
    }
    assert_eq!(app.work().await, 0);
}
