//! The hosted pages, where the tenant asks for a CAPTCHA.

use super::{put, solved, spec, start};
use crate::support::{PASSWORD, browser::plain};
use serde_json::json;

#[tokio::test]
async fn a_page_shows_the_widget_of_its_act_and_sends_what_it_was_given() {
    let (app, siteverify) = start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let all = json!({ "required": { "signUp": true, "resetPassword": true, "signIn": "afterFailures" } });
    put(&owner, spec("turnstile", all)).await.expect(200);
    let browser = tenant.browser();

    let page = browser.open("/login/sign-up").await;
    let text = plain(&page.reply.text);
    assert!(text.contains("data-action=\"sign-up\""), "{text}");
    let policy = page.reply.header("content-security-policy");
    assert!(
        policy.contains("script-src https://challenges.cloudflare.com 'self';"),
        "{policy}"
    );
    let typed = [
        ("username", "ada"),
        ("email", "ada@example.com"),
        ("password", PASSWORD),
    ];
    let refused = browser.submit(&page, &typed).await;
    let refused = refused.expect(400, "Show that you are a person first.");
    let token = siteverify.solve(solved("turnstile", "sign-up"));
    let mut with_token = typed.to_vec();
    with_token.push(("cf-turnstile-response", &token));
    browser
        .submit(&refused, &with_token)
        .await
        .expect(200, "Check your mail");

    let page = browser.open("/login/forgot").await;
    assert!(plain(&page.reply.text).contains("data-action=\"reset-password\""));
    let page = browser.open("/login").await;
    assert!(!page.reply.text.contains("cf-turnstile"), "not before a failure");
    let wrong = [("username", "admin"), ("password", "not the password")];
    let failed = browser.submit(&page, &wrong).await.expect(401, "");
    assert!(plain(&failed.reply.text).contains("data-action=\"sign-in\""));
    let right = [("username", "admin"), ("password", PASSWORD)];
    browser
        .submit(&failed, &right)
        .await
        .expect(400, "Show that you are a person first.");
    let token = siteverify.solve(solved("turnstile", "sign-in"));
    let right = [
        ("username", "admin"),
        ("password", PASSWORD),
        ("cf-turnstile-response", &*token),
    ];
    browser.submit(&failed, &right).await.leads();
    app.work().await;
}

#[tokio::test]
async fn after_wrong_passwords_a_captcha_is_asked_of_every_client() {
    let (app, siteverify) = start().await;
    let tenant = app.default_tenant();
    let required = json!({ "required": { "signIn": "afterFailures" } });
    put(&tenant.owner().await, spec("turnstile", required))
        .await
        .expect(200);
    let anybody = tenant.anybody();
    let wrong = json!({ "username": "admin", "password": "not the password" });
    anybody
        .post("/v1/login", &wrong)
        .await
        .expect_problem(401, "credentials_invalid");
    let right = json!({ "username": "admin", "password": PASSWORD });
    anybody
        .post("/v1/login", &right)
        .await
        .expect_problem(400, "captcha_required");
    let token = siteverify.solve(solved("turnstile", "sign-in"));
    super::sign_in(&tenant, Some(&token)).await.expect(200);
    // A right password forgets the wrong ones.
    anybody.post("/v1/login", &right).await.expect(200);

    // A network that tries one password for many names is asked as well.
    for name in ["ada", "bob", "eve", "dora"] {
        let wrong = json!({ "username": name, "password": "not the password" });
        anybody
            .post("/v1/login", &wrong)
            .await
            .expect_problem(401, "credentials_invalid");
    }
    anybody
        .post("/v1/login", &right)
        .await
        .expect_problem(400, "captcha_required");
}
