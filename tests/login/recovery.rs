//! Getting back into an account.

use super::{change_address, link_to};
use crate::support::{PASSWORD, TestApp, wrong};

const OTHER: &str = "lighthouse oatmeal bicycle";

#[tokio::test]
async fn a_forgotten_password_is_chosen_anew_by_link() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let ada = tenant.sign_up("ada").await;
    ada.prove_address().await;
    let browser = tenant.browser();
    let asked = browser.fill("/login/forgot", &[("email", "ada@example.com")]).await;
    asked.expect(200, "If there is an account with the address ada@example.com");
    let link = link_to(&tenant, "ada@example.com").await;
    let page = browser.open(&link).await.expect(200, "value=\"ada@example.com\"");
    let short = browser.submit(&page, &[("new_password", "short")]).await;
    let short = short.expect(400, "New password: Use at least 15 characters.");
    let token = link.split("token=").nth(1).unwrap();
    assert!(!short.reply.text.contains(token) && !short.reply.text.contains("\"short\""));
    browser
        .submit(&short, &[("new_password", OTHER)])
        .await
        .expect(200, "Your password is changed");
    ada.get("/auth/v1/users/me").await.expect(401);
    browser.sign_in("ada", PASSWORD).await.expect(401, "");
    browser.sign_in("ada", OTHER).await.leads();
    browser
        .submit(&page, &[("new_password", PASSWORD)])
        .await
        .expect(400, "does not work any more");
    browser.open(&link).await.expect(400, "Ask for a new mail");
    app.work().await;
}

#[tokio::test]
async fn a_forgotten_password_is_chosen_anew_by_code() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up("ada").await.prove_address().await;
    let browser = tenant.browser();
    let page = browser.fill("/login/forgot", &[("email", "ada@example.com")]).await;
    let code = tenant.code_to("ada@example.com").await;
    let typed = |code, password| [("email", "ada@example.com"), ("code", code), ("new_password", password)];
    let other = wrong(&code);
    let missed = browser.submit(&page, &typed(&other, OTHER)).await;
    let missed = missed.expect(400, "<a href=\"#code\">");
    assert!(!missed.reply.text.contains(OTHER));
    let empty = browser
        .submit(&missed, &typed("", ""))
        .await
        .expect(400, "Fill this in.");
    browser
        .submit(&empty, &typed(&code, OTHER))
        .await
        .expect(200, "Your password is changed");
    browser.sign_in("ada", OTHER).await.leads();
    app.work().await;
}

#[tokio::test]
async fn known_and_unknown_addresses_are_answered_alike() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up("ada").await.prove_address().await;
    let answer = async |email: &str| {
        let page = tenant.browser().fill("/login/forgot", &[("email", email)]).await;
        let token = page.hidden()[0].1.clone();
        (
            page.status(),
            page.reply.text.replace(&token, "TOKEN").replace(email, "EMAIL"),
        )
    };
    assert_eq!(answer("ada@example.com").await, answer("eve@example.com").await);
    // The limit as well.
    let again = answer("ada@example.com").await;
    assert_eq!(again, answer("eve@example.com").await);
    assert_eq!(again.0, 429);
    assert!(again.1.contains("Wait 60 seconds before you ask"), "{}", again.1);
    app.work().await;
}

#[tokio::test]
async fn a_changed_address_is_taken_back_with_a_button() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    ada.prove_address().await;
    app.advance(120);
    let link = change_address(&tenant, &ada, "thief@example.com").await;
    assert!(link.starts_with("/login/undo?token="), "{link}");
    let browser = tenant.browser();
    let page = browser
        .open(&link)
        .await
        .expect(200, "ada@example.com is your address again");
    browser
        .submit(&page, &[])
        .await
        .expect(200, "a mail to choose a new password is on its way");
    ada.get("/auth/v1/users/me").await.expect(401);
    browser.submit(&page, &[]).await.expect(400, "does not work any more");
    browser.open("/login/undo").await.expect(400, "does not work any more");
    let link = link_to(&tenant, "ada@example.com").await;
    assert!(link.starts_with("/login/reset?token="), "{link}");
}

#[tokio::test]
async fn a_code_does_not_pass_for_the_token_of_a_link() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up("ada").await;
    let code = tenant.code_to("ada@example.com").await;
    let browser = tenant.browser();
    let page = browser.open("/login/verify").await;
    // It does not say which code it would be.
    let path = format!("/login/verify?token={code}");
    let guess = browser.request(reqwest::Method::POST, &path, Some(page.hidden()));
    guess.await.expect(400, "does not work any more");
    let typed = [("email", "ada@example.com"), ("code", code.as_str())];
    browser
        .submit(&page, &typed)
        .await
        .expect(200, "Your address is verified");
}
