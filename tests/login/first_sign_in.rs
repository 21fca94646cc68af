//! Who signs up is signed in when the address is proven: in the browser of the sign-up, and in no other.

use super::{link_to, trail};
use crate::support::{
    PASSWORD, Tenant, TestApp,
    browser::{Browser, Page},
};
use serde_json::json;

const ME: &str = "/auth/v1/users/me";
const COOKIE: &str = "tenantry-default.sign-up";

/// Signs up in a browser, and answers the page that asks for the code.
async fn sign_up(browser: &Browser<'_>, name: &str) -> Page {
    let email = format!("{name}@example.com");
    let typed = [("username", name), ("email", &*email), ("password", PASSWORD)];
    let page = browser
        .fill("/login/sign-up?return_to=%2Fconsole%2Fusers&lang=en", &typed)
        .await;
    page.expect(200, "Check your mail")
}

/// Types the code that was mailed to somebody.
async fn prove(tenant: &Tenant<'_>, browser: &Browser<'_>, page: &Page, name: &str) -> Page {
    let email = format!("{name}@example.com");
    let code = tenant.code_to(&email).await;
    let typed = [("email", &*email), ("code", &*code)];
    browser.submit(page, &typed).await
}

async fn open_link(tenant: &Tenant<'_>, browser: &Browser<'_>, name: &str) -> Page {
    let link = link_to(tenant, &format!("{name}@example.com")).await;
    let page = browser.open(&link).await.expect(200, "Yes, verify this address");
    browser.submit(&page, &[]).await
}

#[tokio::test]
async fn the_browser_of_a_sign_up_is_signed_in_by_the_code_and_goes_on() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let browser = tenant.browser();
    let mailed = sign_up(&browser, "ada").await;
    browser.open(ME).await.expect(401, "");
    let cookies = mailed.reply.headers.get_all("set-cookie").iter();
    let mut cookies = cookies.filter_map(|cookie| cookie.to_str().ok());
    let cookie = cookies.find(|cookie| cookie.starts_with(COOKIE));
    let kept = "; HttpOnly; SameSite=Lax; Path=/login; Max-Age=3600";
    assert!(cookie.is_some_and(|cookie| cookie.ends_with(kept)), "{cookie:?}");

    let entered = prove(&tenant, &browser, &mailed, "ada").await;
    assert_eq!(entered.leads(), "/console/users");
    browser.open(ME).await.expect(200, "ada@example.com");
    assert_eq!(browser.cookies.borrow()[COOKIE], "");
    let events = trail(&tenant.owner().await).await.to_string();
    assert!(events.contains(r#"{"method":"sign-up"}"#), "{events}");
}

#[tokio::test]
async fn the_browser_of_a_sign_up_is_signed_in_by_the_link_and_no_other_is() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (ada, bob) = (tenant.browser(), tenant.browser());
    sign_up(&ada, "ada").await;
    let mailed = sign_up(&bob, "bob").await;
    let stranger = tenant.browser();
    let proven = open_link(&tenant, &stranger, "bob").await;
    proven.expect(200, "Your address is verified");
    stranger.open(ME).await.expect(401, "");
    // What was proven elsewhere signs this browser in neither: they sign in themselves.
    let late = prove(&tenant, &bob, &mailed, "bob").await;
    late.expect(400, "The code is wrong or has expired.");
    bob.open(ME).await.expect(401, "");
    bob.sign_in("bob", PASSWORD).await.leads();

    let entered = open_link(&tenant, &ada, "ada").await;
    assert_eq!(entered.leads(), "/console/users", "as it was asked for when it began");
    ada.open(ME).await.expect(200, "ada@example.com");
}

#[tokio::test]
async fn a_code_that_is_typed_in_another_browser_signs_nobody_in() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (ada, eve) = (tenant.browser(), tenant.browser());
    sign_up(&ada, "ada").await;
    // Eve has begun a sign-up of her own: it is worth nothing for another account.
    let mailed = sign_up(&eve, "eve").await;
    let proven = prove(&tenant, &eve, &mailed, "ada").await;
    proven.expect(200, "Your address is verified");
    eve.open(ME).await.expect(401, "");
    let entered = prove(&tenant, &eve, &mailed, "eve").await;
    entered.leads();
    eve.open(ME).await.expect(200, "eve@example.com");
}

#[tokio::test]
async fn nobody_is_signed_in_with_a_password_that_was_changed_or_after_an_hour() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let again = async |name: &str| {
        let path = format!("/apis/console/v1alpha1/users/{name}/send-verification");
        let owner = tenant.owner().await;
        owner.post(&path, &json!(null)).await.expect(200);
    };
    let browsers = (tenant.browser(), tenant.browser(), tenant.browser());
    let pages = (
        sign_up(&browsers.0, "ada").await,
        sign_up(&browsers.1, "bob").await,
        sign_up(&browsers.2, "carl").await,
    );
    let other = json!({ "password": "lighthouse oatmeal bicycle" });
    let path = "/apis/console/v1alpha1/users/ada/password";
    tenant.owner().await.put(path, &other).await.expect(200);
    app.work().await;
    app.advance(3500);
    again("ada").await;
    again("bob").await;
    let changed = prove(&tenant, &browsers.0, &pages.0, "ada").await;
    changed.expect(200, "Your address is verified");
    browsers.0.open(ME).await.expect(401, "");
    prove(&tenant, &browsers.1, &pages.1, "bob").await.leads();
    browsers.1.open(ME).await.expect(200, "bob@example.com");

    app.advance(101);
    again("carl").await;
    let late = prove(&tenant, &browsers.2, &pages.2, "carl").await;
    late.expect(200, "Your address is verified");
    browsers.2.open(ME).await.expect(401, "");
}

#[tokio::test]
async fn whoever_is_signed_in_stays_it_when_another_address_is_proven() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let browser = tenant.browser();
    sign_up(&browser, "ada").await;
    browser.sign_in("admin", PASSWORD).await.leads();
    let proven = open_link(&tenant, &browser, "ada").await;
    proven.expect(200, "Your address is verified");
    browser.open(ME).await.expect(200, "admin@localhost");
}
