//! Somebody signs out where an application sends them.

use super::{
    assert_refused, call,
    flow::{CALLBACK, USERINFO, browser_of, code, follow, redeem, request, shop, sign_in},
    post_form,
};
use crate::{
    application::{make, secret_of},
    support::{PASSWORD, TestApp, browser::Browser, roles::make_user},
};
use reqwest::Method;
use serde_json::json;

const BYE: &str = "https://shop.example/bye";

fn path(pairs: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("/oauth2/logout?{query}")
}

async fn is_signed_in(browser: &Browser<'_>) -> bool {
    let sent = browser.open(&request("shop", &[("prompt", "none")])).await;
    sent.leads().contains("code=")
}

#[tokio::test]
async fn somebody_whom_their_application_sends_signs_out_at_once_and_goes_back() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({ "postLogoutRedirectUris": [BYE] })).await;
    let browser = browser_of(&owner).await;
    let one = code(&browser, &request("shop", &[])).await;
    let tokens = redeem(&tenant, ("shop", &secret), &one, &[]).await.expect(200);
    let hint = tokens["id_token"].as_str().unwrap();
    // Also with one that has expired, and by a form.
    app.advance(600);
    let fields = [
        ("id_token_hint", hint),
        ("post_logout_redirect_uri", BYE),
        ("state", "a:b"),
    ];
    let form = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let sent = browser.request(Method::POST, "/t/acme/oauth2/logout", Some(form)).await;
    assert!(is_signed_in(&browser).await, "a form of another site ends nothing");
    let done = follow(&browser, &sent).await;
    assert_eq!(done.leads(), format!("{BYE}?state=a%3Ab"));
    assert!(done.reply.header("set-cookie").contains("Max-Age=0"));
    assert!(!is_signed_in(&browser).await);
    let reply = call(&tenant, Method::GET, USERINFO, tokens["access_token"].as_str().unwrap()).await;
    assert_refused(&reply, 401, "invalid_token");
    // Nobody is signed in any more, and it is said.
    assert_eq!(browser.open(&path(&fields)).await.leads(), format!("{BYE}?state=a%3Ab"));
    assert_eq!(browser.open(&path(&[])).await.leads(), "/t/acme/login/sign-out");
}

#[tokio::test]
async fn an_application_that_gave_back_its_tokens_first_or_of_another_browser_signs_its_user_out_at_once() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    for kind in ["public", "pairwise"] {
        let name = format!("shop-{kind}");
        let spec = json!({
            "redirectUris": [CALLBACK], "postLogoutRedirectUris": [BYE], "firstParty": true, "subjectType": kind,
        });
        make(&owner, &name, "web-server", spec).await;
        let secret = secret_of(&owner, &name).await.1;
        make_user(&owner, kind, "").await;
        let browsers = [tenant.browser(), tenant.browser(), tenant.browser()];
        let mut hints = vec![];
        for browser in &browsers {
            browser.sign_in(kind, PASSWORD).await;
            let one = code(browser, &request(&name, &[])).await;
            let tokens = redeem(&tenant, (&name, &secret), &one, &[]).await.expect(200);
            hints.push(tokens["id_token"].as_str().unwrap().to_owned());
            let refresh = tokens["refresh_token"].as_str().unwrap();
            let reply = post_form(&tenant, "/oauth2/revoke", Some((&name, &secret)), &[("token", refresh)]).await;
            assert_eq!(reply.status, 200);
        }
        for (browser, hint) in [(&browsers[0], &hints[0]), (&browsers[1], &hints[2])] {
            let pairs = [("id_token_hint", &**hint), ("post_logout_redirect_uri", BYE)];
            assert_eq!(browser.open(&path(&pairs)).await.leads(), BYE, "{kind}");
            let silent = browser.open(&request(&name, &[("prompt", "none")])).await;
            assert!(silent.leads().contains("error=login_required"), "{}", silent.leads());
        }
        // Somebody else is asked, whatever became of the session.
        sign_in(&browsers[2], "admin").await;
        let asked = browsers[2].open(&path(&[("id_token_hint", &hints[0])])).await;
        assert_eq!(asked.leads(), "/t/acme/login/sign-out");
    }
}

#[tokio::test]
async fn somebody_is_asked_where_nobody_knows_who_sent_them() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({ "postLogoutRedirectUris": [BYE] })).await;
    let browser = browser_of(&owner).await;
    let one = code(&browser, &request("shop", &[])).await;
    let tokens = redeem(&tenant, ("shop", &secret), &one, &[]).await.expect(200);
    let hint = tokens["id_token"].as_str().unwrap();
    let elsewhere = tenant.browser();
    elsewhere.sign_in("admin", PASSWORD).await;
    for (browser, pairs) in [
        (&browser, &[][..]),
        (&browser, &[("client_id", "shop"), ("post_logout_redirect_uri", BYE)]),
        (&browser, &[("state", "x")]),
        (
            &elsewhere,
            &[("id_token_hint", hint), ("post_logout_redirect_uri", BYE)],
        ),
    ] {
        let sent = browser.open(&path(pairs)).await;
        assert_eq!(sent.leads(), "/login/sign-out", "{pairs:?}");
        assert!(is_signed_in(browser).await, "{pairs:?}");
    }
    let page = browser.open("/login/sign-out").await;
    browser.submit(&page, &[]).await.expect(200, "signed out");
    assert!(!is_signed_in(&browser).await);
}

#[tokio::test]
async fn a_request_that_is_not_as_it_must_be_is_a_page_and_ends_nothing() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({ "postLogoutRedirectUris": [BYE] })).await;
    let browser = browser_of(&owner).await;
    let one = code(&browser, &request("shop", &[])).await;
    let tokens = redeem(&tenant, ("shop", &secret), &one, &[]).await.expect(200);
    let (hint, access) = (
        tokens["id_token"].as_str().unwrap(),
        tokens["access_token"].as_str().unwrap(),
    );
    let changed = format!("{hint}x");
    for pairs in [
        &[("id_token_hint", "x")][..],
        &[("id_token_hint", &changed)],
        &[("id_token_hint", access)],
        &[("id_token_hint", hint), ("client_id", "console")],
        &[("id_token_hint", hint), ("post_logout_redirect_uri", CALLBACK)],
        &[
            ("id_token_hint", hint),
            ("post_logout_redirect_uri", &format!("{BYE}?x=1")),
        ],
        &[
            ("id_token_hint", hint),
            ("post_logout_redirect_uri", "https://evil.test"),
        ],
        &[("post_logout_redirect_uri", BYE)],
        &[("id_token_hint", hint), ("state", "1"), ("state", "2")],
    ] {
        let page = browser.open(&path(pairs)).await;
        assert_eq!(page.status(), 400, "{pairs:?} {}", page.reply.text);
        assert!(is_signed_in(&browser).await, "{pairs:?}");
    }
}
