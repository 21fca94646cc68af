//! Whether somebody lets an application have what it asks for.

use super::{
    ORDERS, TOKEN, api, assert_refused, call,
    flow::{CALLBACK, USERINFO, browser_of, code, follow, redeem, request, shop, sign_in, told},
    post_form,
};
use crate::support::{PASSWORD, TestApp, browser::Browser, browser::Page, roles::make_user};
use reqwest::Method;
use serde_json::json;

/// Opens the page that a request leads to.
async fn asked(browser: &Browser<'_>, more: &[(&str, &str)]) -> Page {
    let sent = browser.open(&request("shop", more)).await;
    assert!(sent.leads().starts_with("/login/consent?"), "{}", sent.leads());
    follow(browser, &sent).await
}

#[tokio::test]
async fn somebody_is_asked_once_what_an_application_of_others_may_have() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let scopes = json!([{ "scope": "read", "description": { "en": "See your orders" } }]);
    api(&owner, ORDERS, &json!({ "scopes": scopes })).await;
    let audiences = json!([{ "audience": ORDERS, "scopes": ["read"] }]);
    let spec = json!({
        "firstParty": false, "audiences": audiences, "displayName": "<b>Shop</b>",
        "policyUrl": "https://shop.example/privacy",
    });
    let secret = shop(&owner, spec).await;
    let browser = browser_of(&owner).await;
    let none = browser.open(&request("shop", &[("prompt", "none")])).await;
    assert_eq!(told(&none)["error"], "consent_required");
    let scope = ("scope", "openid email read");
    let page = asked(&browser, &[scope]).await.expect(200, "See your e-mail address");
    let text = &page.reply.text;
    for part in [
        "Orders: See your orders",
        "signed in as ada",
        "&lt;b&gt;Shop",
        "https:&#x2f;&#x2f;shop.example&#x2f;privacy",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let policy = page.reply.header("content-security-policy");
    assert!(policy.contains("form-action 'self' https://shop.example;"), "{policy}");
    let allowed = browser.submit(&page, &[]).await;
    let one = told(&follow(&browser, &allowed).await)["code"].clone();
    redeem(&tenant, ("shop", &secret), &one, &[]).await.expect(200);
    // What somebody was not asked for is not told by another way.
    let claims = json!({ "userinfo": { "preferred_username": null, "email": null } }).to_string();
    let one = code(&browser, &request("shop", &[("scope", "openid"), ("claims", &claims)])).await;
    let tokens = redeem(&tenant, ("shop", &secret), &one, &[]).await.expect(200);
    let told = call(&tenant, Method::GET, USERINFO, tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(told.expect(200).as_object().unwrap().len(), 1);
    // For this and for less nobody is asked again, for more they are.
    for scope in ["openid email read", "openid"] {
        code(&browser, &request("shop", &[("scope", scope), ("prompt", "none")])).await;
    }
    asked(&browser, &[("scope", "openid profile")]).await;
    asked(&browser, &[("scope", "openid"), ("prompt", "consent")]).await;
    // Another user is another one.
    make_user(&owner, "eve", "").await;
    sign_in(&browser, "eve").await;
    asked(&browser, &[("scope", "openid")]).await;
}

#[tokio::test]
async fn whoever_says_no_goes_back_without_a_code_and_may_be_asked_again() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    shop(&owner, json!({ "firstParty": false })).await;
    let browser = browser_of(&owner).await;
    let page = asked(&browser, &[]).await;
    let refused = browser.submit(&page, &[("refuse", "1")]).await;
    let said = told(&follow(&browser, &refused).await);
    assert_eq!((&*said["error"], &*said["state"]), ("access_denied", "a:b/c"));
    assert_eq!(app.count("select count(*) from consent").await, 0);
    asked(&browser, &[]).await;
}

#[tokio::test]
async fn a_question_is_answered_by_whom_it_was_asked_and_from_our_page() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    shop(&owner, json!({ "firstParty": false })).await;
    let browser = browser_of(&owner).await;
    let page = asked(&browser, &[]).await;
    // Another page cannot send it.
    let mut forged = tenant.browser();
    forged.cookies.replace(browser.cookies.borrow().clone());
    forged.headers.insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(forged.submit(&page, &[]).await.status(), 403);
    // Nor does it hold for somebody else.
    make_user(&owner, "eve", "").await;
    sign_in(&browser, "eve").await;
    browser.submit(&page, &[]).await.leads();
    assert_eq!(app.count("select count(*) from consent").await, 0);
}

#[tokio::test]
async fn consent_survives_a_sign_in_that_is_asked_with_it() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    shop(&owner, json!({ "firstParty": false })).await;
    let browser = browser_of(&owner).await;
    app.advance(60);
    let sent = browser.open(&request("shop", &[("prompt", "login consent")])).await;
    let form = follow(&browser, &sent).await.expect(200, "name=\"password\"");
    app.advance(1);
    let done = browser
        .submit(&form, &[("username", "ada"), ("password", PASSWORD)])
        .await;
    let page = follow(&browser, &follow(&browser, &done).await).await;
    app.advance(1);
    let allowed = browser.submit(&page.expect(200, "asks for access"), &[]).await;
    assert!(told(&follow(&browser, &allowed).await).contains_key("code"));
}

#[tokio::test]
async fn what_somebody_let_an_application_do_is_looked_up_again_for_every_token() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({ "firstParty": false, "redirectUris": [CALLBACK] })).await;
    let browser = browser_of(&owner).await;
    let allowed = browser.submit(&asked(&browser, &[]).await, &[]).await;
    let one = told(&follow(&browser, &allowed).await)["code"].clone();
    let by = ("shop", &*secret);
    let tokens = redeem(&tenant, by, &one, &[]).await.expect(200);
    let renew = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    post_form(&tenant, TOKEN, Some(by), &renew).await.expect(200);
    let one = code(&browser, &request("shop", &[])).await;
    app.execute("delete from consent").await;
    assert_refused(&post_form(&tenant, TOKEN, Some(by), &renew).await, 400, "invalid_grant");
    assert_refused(&redeem(&tenant, by, &one, &[]).await, 400, "invalid_grant");
}
