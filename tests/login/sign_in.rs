//! Signing in and out, and choosing a password of one's own.

use crate::{
    support::roles::make_user,
    support::{PASSWORD, TestApp},
};
use serde_json::json;

const OTHER: &str = "lighthouse oatmeal bicycle";

#[tokio::test]
async fn a_person_signs_in_and_out_with_the_pages_alone() {
    let app = TestApp::start().await;
    for tenant in [app.default_tenant(), app.tenant("acme").await] {
        let browser = tenant.browser();
        browser
            .open("/login")
            .await
            .expect(200, "autocomplete=\"current-password\"");

        let entered = browser.sign_in("admin", PASSWORD).await;
        assert_eq!(entered.leads(), format!("{}/console/", tenant.prefix()));
        let me = browser.open("/auth/v1/users/me").await;
        assert_eq!(me.reply.expect(200)["user"]["userName"], "admin");
        browser.open("/login").await.expect(200, "You are signed in as admin.");

        let asked = browser.open("/login/sign-out").await.expect(200, "Sign out");
        browser.open("/auth/v1/users/me").await.expect(200, "");
        browser.submit(&asked, &[]).await.expect(200, "You are signed out");
        browser.open("/auth/v1/users/me").await.expect(401, "");
        browser.open("/login/sign-out").await.expect(200, "You are signed out");
    }
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_are_answered_alike() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let answer = async |login: &str| {
        let page = tenant.browser().sign_in(login, "not the password").await;
        let page = page.expect(401, "The name or the password is wrong.");
        assert!(page.reply.text.contains("role=\"alert\" tabindex=\"-1\" autofocus"));
        let token = page.hidden()[0].1.clone();
        page.reply.text.replace(&token, "TOKEN").replace(login, "LOGIN")
    };
    assert_eq!(answer("admin").await, answer("nobody").await);
    assert_eq!(answer("admin@localhost").await, answer("nobody@localhost").await);
}

#[tokio::test]
async fn what_is_missing_is_said_beside_the_field() {
    let app = TestApp::start().await;
    let browser = app.default_tenant().browser();
    let page = browser.sign_in("", "").await.expect(400, "Fill this in.");
    for part in [
        "<a href=\"#username\">",
        "<a href=\"#password\">",
        "id=\"password-error-1\"",
        "aria-describedby=\"password-error-1 \"",
        "aria-invalid=\"true\"",
    ] {
        assert!(page.reply.text.contains(part), "{part}: {}", page.reply.text);
    }
    assert!(page.reply.text.contains("<title>Error: "));
}

#[tokio::test]
async fn who_tries_too_often_is_told_how_long_to_wait() {
    let app = TestApp::start().await;
    let browser = app.default_tenant().browser();
    for _ in 0..6 {
        browser.sign_in("admin", "not the password").await;
    }
    let page = browser.sign_in("admin", PASSWORD).await;
    let page = page.expect(429, "There were too many tries. Wait 30 seconds");
    assert_eq!(page.reply.header("retry-after"), "30");
}

#[tokio::test]
async fn a_password_set_by_somebody_else_is_changed_first() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make_user(&owner, "ada", "").await;
    let set = json!({ "password": OTHER, "mustChange": true });
    let path = "/apis/console/v1alpha1/users/ada/password";
    owner.put(path, &set).await.expect(200);

    let browser = tenant.browser();
    let begun = browser.open("/login?return_to=/console/users").await;
    let begun = browser
        .submit(&begun, &[("username", "ada"), ("password", OTHER)])
        .await;
    assert_eq!(begun.leads(), "/login/password?return_to=%2Fconsole%2Fusers");
    let path = begun.leads().to_owned();
    // Nothing else can be done before.
    browser
        .open("/auth/v1/users/me/email")
        .await
        .expect(403, "password_change_required");
    assert!(browser.open("/login").await.leads().starts_with("/login/password"));

    let page = browser.open(&path).await.expect(200, "set by somebody else");
    let wrong = browser
        .submit(&page, &[("current_password", "wrong"), ("new_password", PASSWORD)])
        .await;
    let wrong = wrong.expect(400, "The current password is wrong.");
    assert!(wrong.reply.text.contains("Current password: "));
    let short = browser
        .submit(&page, &[("current_password", OTHER), ("new_password", "short")])
        .await;
    short.expect(400, "Use at least 15 characters.");
    let done = browser
        .submit(&page, &[("current_password", OTHER), ("new_password", PASSWORD)])
        .await;
    assert_eq!(done.leads(), "/console/users");
    browser
        .open("/auth/v1/users/me/email")
        .await
        .expect(200, "ada@example.test");
    app.work().await;
}

#[tokio::test]
async fn the_password_page_asks_strangers_to_sign_in() {
    let app = TestApp::start().await;
    let browser = app.default_tenant().browser();
    assert_eq!(browser.open("/login/password").await.leads(), "/login");
    let page = browser.open("/login").await;
    let typed = [("current_password", PASSWORD), ("new_password", OTHER)];
    let mut fields = page.hidden();
    fields.extend(typed.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let sent = browser
        .request(reqwest::Method::POST, "/login/password", Some(fields))
        .await;
    assert_eq!(sent.leads(), "/login");
}

#[tokio::test]
async fn a_planted_session_is_not_adopted() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let browser = tenant.browser();
    let planted = "A".repeat(43);
    browser
        .cookies
        .borrow_mut()
        .insert("tenantry-default".to_owned(), planted.clone());
    browser.sign_in("admin", PASSWORD).await.leads();
    assert_ne!(browser.cookies.borrow()["tenantry-default"], planted);

    let attacker = tenant.browser();
    attacker
        .cookies
        .borrow_mut()
        .insert("tenantry-default".to_owned(), planted);
    attacker.open("/auth/v1/users/me").await.expect(401, "");
}

#[tokio::test]
async fn signing_in_again_ends_the_session_of_before() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let browser = tenant.browser();
    let page = browser.open("/login").await;
    let typed = [("username", "admin"), ("password", PASSWORD)];
    browser.submit(&page, &typed).await.leads();
    let before = browser.cookies.borrow()["tenantry-default"].clone();
    browser.submit(&page, &typed).await.leads();
    assert_ne!(browser.cookies.borrow()["tenantry-default"], before);

    let old = tenant.browser();
    old.cookies.borrow_mut().insert("tenantry-default".to_owned(), before);
    old.open("/auth/v1/users/me").await.expect(401, "");
    browser.open("/auth/v1/users/me").await.expect(200, "");

    // It takes the place of that session, and of no other one.
    let owner = tenant.owner().await;
    let policy = json!({ "spec": {
        "accessTokenSeconds": 900, "idleSeconds": 1_209_600, "absoluteSeconds": 2_592_000, "mostPerUser": 2,
    } });
    let path = "/apis/console/v1alpha1/policies/sessions";
    owner.put(path, &policy).await.expect(200);
    for _ in 0..3 {
        app.advance(1);
        browser.submit(&page, &typed).await.leads();
        owner.get("/auth/v1/users/me").await.expect(200);
    }
}

#[tokio::test]
async fn whoever_has_yet_to_prove_their_address_is_led_to_the_code() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let strict = json!({ "spec": { "mode": "open", "verifyBeforeSignIn": true } });
    let policy = "/apis/console/v1alpha1/policies/sign-up";
    owner.put(policy, &strict).await.expect(200);
    let new = json!({ "username": "ada.lovelace", "email": "ada@example.com", "password": PASSWORD });
    tenant.anybody().post("/v1/register", &new).await.expect(200);
    app.work().await;

    let browser = tenant.browser();
    let typed = [("username", "ada@example.com"), ("password", PASSWORD)];
    let page = browser.fill("/login", &typed).await;
    let page = page.expect(403, "Verify your e-mail address first");
    let mails = tenant.mail_to("ada@example.com").await;
    let code = mails[0].code();
    let done = browser
        .submit(&page, &[("email", "ada@example.com"), ("code", &code)])
        .await;
    assert_eq!(done.reply.status, 200, "{}", done.reply.text);
    // The name as the mail writes it: no mail program takes it for an address, and people may copy it.
    let written = "ada.\u{2060}lovelace";
    assert!(mails[0].text().contains(written), "{}", mails[0].text());
    let signed_in = browser
        .fill("/login", &[("username", written), ("password", PASSWORD)])
        .await;
    assert_eq!(signed_in.reply.status, 303, "{}", signed_in.reply.text);
}
