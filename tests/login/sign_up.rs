//! Signing up, and proving an address.

use super::{link_to, set_policy};
use crate::support::{PASSWORD, TestApp, wrong};
use serde_json::json;

const ADA: [(&str, &str); 4] = [
    ("username", "ada"),
    ("email", "ada@example.com"),
    ("display_name", "Ada Lovelace"),
    ("password", PASSWORD),
];

#[tokio::test]
async fn a_person_signs_up_and_proves_the_address_by_code() {
    let app = TestApp::start().await;
    for tenant in [app.default_tenant(), app.tenant("acme").await] {
        let browser = tenant.browser();
        let mailed = browser.fill("/login/sign-up", &ADA).await;
        let mailed = mailed.expect(200, "A code is on its way to ada@example.com.");
        assert!(mailed.reply.text.contains("autocomplete=\"one-time-code\" value=\"\""));
        assert!(mailed.reply.text.contains("inputmode=\"numeric\""));
        let code = tenant.code_to("ada@example.com").await;
        let typed = |code| [("email", "ada@example.com"), ("code", code)];
        let other = wrong(&code);
        let missed = browser.submit(&mailed, &typed(&other)).await;
        let missed = missed.expect(400, "The code is wrong or has expired.");
        let entered = browser.submit(&missed, &typed(&code)).await;
        assert_eq!(entered.leads(), format!("{}/console/", tenant.prefix()));
        let me = browser.open("/auth/v1/users/me").await.reply.expect(200);
        assert_eq!(me["user"]["human"]["email"]["isEmailVerified"], true);
        assert_eq!(me["user"]["human"]["profile"]["displayName"], "Ada Lovelace");
    }
}

#[tokio::test]
async fn a_person_signs_up_and_proves_the_address_by_link() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant
        .browser()
        .fill("/login/sign-up", &ADA)
        .await
        .expect(200, "Check your mail");
    let link = link_to(&tenant, "ada@example.com").await;
    // Somewhere else: a link proves the address and signs nobody in.
    let phone = tenant.browser();
    let page = phone.open(&link).await.expect(200, "Is ada@example.com your address?");
    let token = link.split("token=").nth(1).unwrap();
    assert!(!page.reply.text.contains(token), "{}", page.reply.text);
    phone.submit(&page, &[]).await.expect(200, "Your address is verified");
    phone.open("/auth/v1/users/me").await.expect(401, "");
    phone
        .submit(&page, &[])
        .await
        .expect(400, "This link does not work any more");
    phone.open(&link).await.expect(400, "This link does not work any more");
}

#[tokio::test]
async fn whether_an_address_has_an_account_is_not_told() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let grace = tenant.sign_up("grace").await;
    grace.prove_address().await;
    let answer = async |name: &str, email: &str| {
        let typed = [("username", name), ("email", email), ("password", PASSWORD)];
        let page = tenant
            .browser()
            .fill("/login/sign-up", &typed)
            .await
            .expect(200, "Check your mail");
        let token = page.hidden()[0].1.clone();
        page.reply.text.replace(&token, "TOKEN").replace(email, "EMAIL")
    };
    assert_eq!(
        answer("eve", "grace@example.com").await,
        answer("bob", "bobby@example.com").await
    );
    app.work().await;
}

#[tokio::test]
async fn every_field_that_is_wrong_is_named_at_once() {
    let app = TestApp::start().await;
    let browser = app.default_tenant().browser();
    let typed = [
        ("username", "-a-"),
        ("email", "nowhere"),
        ("display_name", "a\u{200b}"),
        ("password", "short"),
    ];
    let page = browser.fill("/login/sign-up", &typed).await.expect(400, "");
    for field in ["username", "email", "display_name", "password"] {
        let link = format!("<a href=\"#{field}\">");
        assert!(page.reply.text.contains(&link), "{field}: {}", page.reply.text);
    }
    assert!(page.reply.text.contains("value=\"nowhere\""), "what was typed stays");
    assert!(!page.reply.text.contains("\"short\""), "but no password does");

    let taken = [
        ("username", "admin"),
        ("email", "a@example.com"),
        ("password", PASSWORD),
    ];
    let page = browser.fill("/login/sign-up", &taken).await;
    page.expect(409, "Somebody has this name already.");
}

#[tokio::test]
async fn an_invitation_is_the_way_in_where_only_who_was_invited_may() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    let browser = tenant.browser();
    set_policy(&owner, "sign-up", &json!({ "mode": "invited" })).await;
    browser
        .open("/login/sign-up")
        .await
        .expect(403, "begins with an invitation");

    let invite = json!({ "spec": { "email": "ada@example.com" } });
    owner
        .post("/apis/console/v1alpha1/invitations", &invite)
        .await
        .expect(200);
    let link = link_to(&tenant, "ada@example.com").await;
    let page = browser.open(&link).await.expect(200, "value=\"ada@example.com\"");
    assert!(page.reply.text.contains(" readonly"), "{}", page.reply.text);
    // The address is the one that was invited, whatever is sent.
    let typed = [("username", "ada"), ("email", "eve@example.com"), ("password", "short")];
    let page = browser
        .submit(&page, &typed)
        .await
        .expect(400, "Use at least 15 characters.");
    let typed = [
        ("username", "ada"),
        ("email", "eve@example.com"),
        ("password", PASSWORD),
    ];
    assert_eq!(browser.submit(&page, &typed).await.leads(), "/t/acme/console/");
    tenant.browser().sign_in("ada@example.com", PASSWORD).await.leads();
    let other = tenant.browser();
    let twice = [("username", "ada2"), ("password", PASSWORD)];
    other.submit(&page, &twice).await.expect(403, "too old");
    other.open(&link).await.expect(400, "This link does not work any more");

    set_policy(&owner, "sign-up", &json!({ "mode": "closed" })).await;
    other.open("/login/sign-up").await.expect(403, "Sign-up is closed");
}

#[tokio::test]
async fn a_link_asked_for_to_sign_up_leads_there() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ask = json!({ "email": "ada@example.com", "purpose": "register" });
    tenant
        .anybody()
        .post("/v1/email/send-verification", &ask)
        .await
        .expect(200);
    let link = link_to(&tenant, "ada@example.com").await;
    assert!(link.starts_with("/login/sign-up?token="), "{link}");
    let browser = tenant.browser();
    let moved = browser.open(&link.replace("sign-up", "verify")).await;
    assert_eq!(moved.leads(), link);
    let page = browser.open(&link).await;
    assert_eq!(browser.submit(&page, &ADA).await.leads(), "/console/");
    browser.open("/auth/v1/users/me").await.expect(200, "Ada Lovelace");
}

#[tokio::test]
async fn domains_that_are_not_taken_are_refused_beside_the_address() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let policy = json!({ "mode": "open", "blockedDomains": ["example.com"] });
    set_policy(&tenant.owner().await, "sign-up", &policy).await;
    let page = tenant.browser().fill("/login/sign-up", &ADA).await;
    let page = page.expect(400, "Addresses of this domain are not accepted here.");
    assert!(page.reply.text.contains("<a href=\"#email\">"));
}
