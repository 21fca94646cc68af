//! What takes a CAPTCHA, and when it is asked for.

use super::{PROVIDERS, post_with, put, sign_in, solved, spec, start};
use crate::support::PASSWORD;
use reqwest::Method;
use serde_json::json;

const REGISTER: &str = "/v1/register";
const SEND: &str = "/v1/email/send-verification";
const SESSIONS: &str = "/apis/console/v1alpha1/sessions";

#[tokio::test]
async fn what_takes_no_captcha_asks_nobody() {
    let (app, siteverify) = start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    sign_in(&tenant, Some("a token nobody asked for")).await.expect(200);
    let required = json!({ "required": { "signUp": true, "signIn": "afterFailures" } });
    put(&owner, spec("turnstile", required)).await.expect(200);
    sign_in(&tenant, Some("a token nobody asked for")).await.expect(200);
    assert!(siteverify.asked().is_empty());
}

#[tokio::test]
async fn another_tenants_policy_does_not_matter() {
    let (app, siteverify) = start().await;
    let (default, other) = (app.default_tenant(), app.tenant("other").await);
    put(&default.owner().await, spec("turnstile", json!({})))
        .await
        .expect(200);
    sign_in(&other, None).await.expect(200);
    assert!(siteverify.asked().is_empty());
    sign_in(&default, None).await.expect_problem(400, "captcha_required");
}

#[tokio::test]
async fn each_act_takes_a_token_that_was_solved_for_it() {
    let (mut app, siteverify) = start().await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let all = json!({ "required": { "signUp": true, "sendCode": true, "signIn": "always" } });
    put(&owner, spec("turnstile", all)).await.expect(200);
    let credentials = json!({ "username": "admin", "password": PASSWORD });
    let acts = [
        (
            "sign-up",
            REGISTER,
            json!({ "username": "ada", "email": "ada@example.com", "password": PASSWORD }),
        ),
        (
            "send-code",
            SEND,
            json!({ "email": "new@example.com", "purpose": "register" }),
        ),
        ("sign-in", "/v1/login", credentials.clone()),
        ("sign-in", SESSIONS, credentials),
    ];
    for (action, path, body) in acts {
        post_with(&tenant, path, &body, None)
            .await
            .expect_problem(400, "captcha_required");
        post_with(&tenant, path, &body, Some(""))
            .await
            .expect_problem(400, "captcha_required");
        assert!(siteverify.asked().is_empty(), "nobody is asked about no token");
        let other = siteverify.solve(solved("turnstile", "reset-password"));
        let reply = post_with(&tenant, path, &body, Some(&other)).await;
        reply.expect_problem(400, "captcha_failed");
        let token = siteverify.solve(solved("turnstile", action));
        post_with(&tenant, path, &body, Some(&token)).await.expect(200);
        let again = post_with(&tenant, path, &body, Some(&token)).await;
        again.expect_problem(400, "captcha_failed");
        siteverify.asked();
    }
}

#[tokio::test]
async fn the_verification_group_takes_the_token_as_a_parameter_where_no_header_has_one() {
    let (mut app, siteverify) = start().await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let required = json!({ "required": { "sendCode": true, "resetPassword": true } });
    put(&tenant.owner().await, spec("turnstile", required))
        .await
        .expect(200);
    let anybody = tenant.anybody();
    for (action, path) in [
        ("send-code", "/api/verification"),
        ("reset-password", "/api/reset_password"),
    ] {
        let path = format!("{path}?email=new@example.com&turnstile=");
        let without = anybody.get(&path).await.expect(200);
        assert_eq!(without["code"], "captcha_required", "{without}");
        let token = siteverify.solve(solved("turnstile", action));
        let request = anybody.request(Method::GET, &format!("{path}{token}"));
        let spoiled = anybody
            .send(request.header("X-Captcha-Token", "another"))
            .await
            .expect(200);
        assert_eq!(spoiled["code"], "captcha_failed", "{spoiled}");
        let sent = anybody.get(&format!("{path}{token}")).await.expect(200);
        assert_eq!(sent["success"], true, "{sent}");
    }
}

#[tokio::test]
async fn a_typing_error_does_not_use_the_token_up() {
    let (mut app, siteverify) = start().await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    put(
        &tenant.owner().await,
        spec("recaptcha", json!({ "required": { "signUp": true } })),
    )
    .await
    .expect(200);
    let token = siteverify.solve(solved("recaptcha", "sign-up"));
    let good = json!({ "username": "ada", "email": "ada@example.com", "password": PASSWORD });
    for (field, value) in [
        ("email", "ada"),
        ("password", "short"),
        ("displayName", "two\nlines"),
        ("verificationId", "of nothing"),
    ] {
        let mut body = good.clone();
        body["code"] = json!(if field == "verificationId" { "123456" } else { "" });
        body[field] = json!(value);
        let reply = post_with(&tenant, REGISTER, &body, Some(&token)).await;
        reply.expect_problem(400, "invalid");
    }
    assert!(siteverify.asked().is_empty());
    post_with(&tenant, REGISTER, &good, Some(&token)).await.expect(200);
}

#[tokio::test]
async fn the_provider_is_told_what_its_contract_names() {
    let (app, siteverify) = start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let paths = ["/turnstile/v0/siteverify", "/siteverify", "/recaptcha/api/siteverify"];
    let more = [Some("idempotency_key"), Some("sitekey"), None];
    for ((provider, path), more) in PROVIDERS.into_iter().zip(paths).zip(more) {
        put(&owner, spec(provider, json!({}))).await.expect(200);
        let token = siteverify.solve(solved(provider, "sign-in"));
        sign_in(&tenant, Some(&token)).await.expect(200);
        let asked = siteverify.asked();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].path, path);
        let mut form = asked[0].form.clone();
        assert_eq!(form.remove("response"), Some(token));
        assert_eq!(form.remove("remoteip").as_deref(), Some("127.0.0.1"));
        assert!(form.remove("secret").is_some());
        let rest: Vec<_> = form.keys().map(String::as_str).collect();
        assert_eq!(rest, more.as_slice());
    }
}
