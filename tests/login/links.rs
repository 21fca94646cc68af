//! Links of mails: a scanner that opens them ahead uses none up.

use super::{change_address, link_to, trail};
use crate::support::{PASSWORD, Tenant, TestApp};
use reqwest::Method;
use serde_json::json;

const OTHER: &str = "lighthouse oatmeal bicycle";

/// A link of every kind, what its form takes, and what is answered when it is used.
type Kind = (String, Vec<(&'static str, &'static str)>, (u16, &'static str));

/// Whoever makes an account by a link that proves the address is signed in and sent on.
const SIGNED_IN: (u16, &str) = (303, "");

async fn every_link(tenant: &Tenant<'_>) -> Vec<Kind> {
    let anybody = tenant.anybody();
    tenant.sign_up("ada").await;
    let verify = link_to(tenant, "ada@example.com").await;
    let ask = json!({ "email": "bob@example.com", "purpose": "register" });
    anybody.post("/v1/email/send-verification", &ask).await.expect(200);
    let register = link_to(tenant, "bob@example.com").await;
    let invite = json!({ "spec": { "email": "carl@example.com" } });
    let owner = tenant.owner().await;
    owner
        .post("/apis/console/v1alpha1/invitations", &invite)
        .await
        .expect(200);
    let invited = link_to(tenant, "carl@example.com").await;
    tenant.sign_up("dora").await.prove_address().await;
    let ask = json!({ "email": "dora@example.com", "purpose": "reset_password" });
    anybody.post("/v1/email/send-verification", &ask).await.expect(200);
    let reset = link_to(tenant, "dora@example.com").await;
    let emil = tenant.sign_up("emil").await;
    emil.prove_address().await;
    let undo = change_address(tenant, &emil, "new@example.com").await;
    vec![
        (verify, vec![], (200, "Your address is verified")),
        (register, vec![("username", "bob"), ("password", PASSWORD)], SIGNED_IN),
        (invited, vec![("username", "carl"), ("password", PASSWORD)], SIGNED_IN),
        (reset, vec![("new_password", OTHER)], (200, "Your password is changed")),
        (undo, vec![], (200, "The change is taken back")),
    ]
}

#[tokio::test]
async fn opening_a_link_changes_nothing_and_its_button_works_once() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let links = every_link(&tenant).await;
    let owner = tenant.owner().await;
    let tries = "SELECT sum(tries_left) FROM verification WHERE ended_at IS NULL";
    let before = (trail(&owner).await, app.count(tries).await);
    for (link, ..) in &links {
        for method in [Method::GET, Method::HEAD].iter().cycle().take(6) {
            let scanner = tenant.browser();
            let page = scanner.request(method.clone(), link, None).await.expect(200, "");
            assert_eq!(page.reply.text.is_empty(), *method == Method::HEAD, "{link}");
            assert_eq!(page.reply.header("referrer-policy"), "no-referrer");
            assert_eq!(page.reply.header("cache-control"), "no-store");
        }
    }
    assert_eq!(
        (trail(&owner).await, app.count(tries).await),
        before,
        "a GET changed something"
    );
    for (link, typed, done) in &links {
        let browser = tenant.browser();
        let page = browser.open(link).await;
        browser.submit(&page, typed).await.expect(done.0, done.1);
        browser.submit(&page, typed).await.expect(400, "does not work any more");
    }
    app.work().await;
}

#[tokio::test]
async fn a_link_of_another_tenant_is_worth_nothing() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let browser = app.default_tenant().browser();
    let form = browser.open("/login").await;
    for (link, typed, done) in every_link(&acme).await {
        browser.open(&link).await.expect(400, "does not work any more");
        let mut fields = form.hidden();
        fields.extend(
            typed
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let sent = browser.request(Method::POST, &link, Some(fields)).await;
        sent.expect(400, "does not work any more");
        let owner = acme.browser();
        let page = owner.open(&link).await;
        owner.submit(&page, &typed).await.expect(done.0, done.1);
    }
    app.work().await;
}

#[tokio::test]
async fn a_link_that_is_too_old_says_so() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let links = every_link(&tenant).await;
    let forms = tenant.browser();
    let mut pages = vec![];
    for (link, ..) in &links {
        pages.push(forms.open(link).await);
    }
    app.advance(8 * 24 * 3600);
    for ((link, typed, _), page) in links.iter().zip(&pages) {
        forms.open(link).await.expect(400, "does not work any more");
        forms.submit(page, typed).await.expect(400, "does not work any more");
    }
}

#[tokio::test]
async fn a_forged_host_never_gets_into_a_link() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let mut browser = tenant.browser();
    for name in ["host", "x-forwarded-host", "forwarded", "x-forwarded-proto"] {
        browser.headers.insert(name, "evil.test".parse().unwrap());
    }
    let typed = [
        ("username", "ada"),
        ("email", "ada@example.com"),
        ("password", PASSWORD),
    ];
    let page = browser
        .fill("/login/sign-up", &typed)
        .await
        .expect(200, "Check your mail");
    assert!(!page.reply.text.contains("evil.test"));
    let entered = browser.sign_in("admin", PASSWORD).await;
    assert_eq!(entered.leads(), "/console/");
    let mail = &tenant.mail_to("ada@example.com").await[0];
    assert!(
        !mail.text().contains("evil.test") && mail.text().contains(&app.base),
        "{}",
        mail.text()
    );
}
