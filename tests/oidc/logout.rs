//! Somebody signs out where an application sends them.

use super::{
    TOKEN, assert_refused, call, decode,
    flow::{CALLBACK, USERINFO, browser_of, code, follow, redeem, request, shop, sign_in},
    kids, post_form, published,
};
use crate::{
    application::{make, secret_of},
    support::{
        PASSWORD, TestApp,
        browser::{Browser, plain},
        roles::make_user,
    },
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
        (&browser, &[("post_logout_redirect_uri", BYE)]),
        (&browser, &[("client_id", "nobody"), ("post_logout_redirect_uri", BYE)]),
        (&browser, &[("client_id", "shop"), ("post_logout_redirect_uri", BYE)]),
        (&browser, &[("state", "x")]),
        (
            &elsewhere,
            &[("id_token_hint", hint), ("post_logout_redirect_uri", BYE)],
        ),
    ] {
        let sent = browser.open(&path(pairs)).await;
        assert!(
            sent.leads().starts_with("/login/sign-out"),
            "{pairs:?} {}",
            sent.leads()
        );
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
        &[("client_id", "shop"), ("post_logout_redirect_uri", CALLBACK)],
        &[("id_token_hint", hint), ("state", "1"), ("state", "2")],
    ] {
        let page = browser.open(&path(pairs)).await;
        assert_eq!(page.status(), 400, "{pairs:?} {}", page.reply.text);
        assert!(is_signed_in(&browser).await, "{pairs:?}");
    }
}

#[tokio::test]
async fn somebody_who_was_asked_finds_the_way_back_to_an_application_that_is_named() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    shop(&owner, json!({ "postLogoutRedirectUris": [BYE] })).await;
    make_user(&owner, "ada", "").await;
    let browser = tenant.browser();
    let back = ("post_logout_redirect_uri", BYE);
    for (pairs, leads) in [
        (
            &[("client_id", "shop"), back, ("state", "a&b")][..],
            Some("?state=a%26b\""),
        ),
        (&[("client_id", "shop"), back], Some("bye\"")),
        (&[("client_id", "shop")], None),
        (&[("client_id", "console"), ("x", BYE)], None),
        (&[back], None),
    ] {
        browser.sign_in("ada", PASSWORD).await;
        let sent = browser.open(&path(pairs)).await;
        let page = follow(&browser, &sent).await.expect(200, "Sign out with this browser?");
        assert!(
            !page.reply.text.contains("Back to the application"),
            "not before: {pairs:?}"
        );
        let done = browser.submit(&page, &[]).await.expect(200, "signed out");
        let text = plain(&done.reply.text);
        assert_eq!(
            text.contains("Back to the application"),
            leads.is_some(),
            "{pairs:?} {text}"
        );
        assert!(leads.is_none_or(|leads| text.contains(leads)), "{pairs:?} {text}");
        assert_eq!(text.contains(BYE), leads.is_some(), "{pairs:?} {text}");
    }
    // Also where the page is asked for by itself: what leads elsewhere is not shown.
    for query in [
        "client_id=shop&post_logout_redirect_uri=https://evil.example/",
        "client_id=shop&post_logout_redirect_uri=javascript:alert(1)",
        "post_logout_redirect_uri=https://shop.example/bye",
    ] {
        let page = browser.open(&format!("/login/sign-out?{query}")).await;
        let page = page.expect(200, "signed out");
        assert!(!page.reply.text.contains("Back to the application"), "{query}");
    }
}

#[tokio::test]
async fn an_id_token_of_a_key_that_was_withdrawn_still_says_who_signs_out() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    app.mind_keys().await;
    let owner = tenant.owner().await;
    let spec = json!({
        "postLogoutRedirectUris": [BYE], "scopes": ["openid", "offline_access"], "refreshAbsoluteSeconds": 31_536_000,
        "refreshIdleSeconds": 31_536_000,
    });
    let secret = shop(&owner, spec).await;
    let browser = browser_of(&owner).await;
    let one = code(&browser, &request("shop", &[("scope", "openid offline_access")])).await;
    let tokens = redeem(&tenant, ("shop", &secret), &one, &[]).await.expect(200);
    let hint = tokens["id_token"].as_str().unwrap();
    let signed_by = decode(hint).0["kid"].clone();
    // The same key of another tenant is another key.
    let other = app.tenant("other").await;
    shop(&other.owner().await, json!({ "postLogoutRedirectUris": [BYE] })).await;
    for days in [91, 92, 180] {
        app.advance(days * 24 * 3600);
        app.work().await;
    }
    let kids = kids(&published(&tenant).await);
    assert!(!kids.iter().any(|kid| *kid == signed_by), "{kids:?}");
    let fields = [("id_token_hint", hint), ("post_logout_redirect_uri", BYE)];
    let refused = other.browser().open(&path(&fields)).await;
    assert_eq!(refused.status(), 400, "{}", refused.reply.text);
    // With its name, and with what it signed, but changed.
    let changed = format!("{hint}x");
    let refused = browser.open(&path(&[("id_token_hint", &changed)])).await;
    assert_eq!(refused.status(), 400, "{}", refused.reply.text);
    let sent = browser.open(&path(&fields)).await;
    assert_eq!(sent.leads(), BYE);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    let renewed = post_form(&tenant, TOKEN, Some(("shop", &secret)), &form).await;
    assert_refused(&renewed, 400, "invalid_grant");
}
