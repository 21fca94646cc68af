//! Authorization requests that are not as they must be, and those that somebody has to see a page for.

use super::{
    assert_refused, decode,
    flow::{CALLBACK, browser_of, challenge, code, follow, redeem, request, shop, sign_in, told},
};
use crate::{
    application::{APPLICATIONS, make},
    support::{
        PASSWORD, TestApp,
        browser::{Browser, Page},
        roles::make_user,
    },
};
use reqwest::Method;
use serde_json::{Value, json};

/// A page that leads nowhere.
#[track_caller]
fn assert_page(page: &Page, words: &str) {
    assert_eq!(page.status(), 400, "{}", page.reply.text);
    assert_eq!(page.reply.header("location"), "");
    assert!(page.reply.header("content-type").starts_with("text/html"));
    let text = &page.reply.text;
    assert!(
        text.contains(words) && text.contains(page.reply.header("x-request-id")),
        "{words}: {text}"
    );
    assert!(!text.contains("href=\"https") && !text.contains("<form"), "{text}");
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    shop(&owner, json!({})).await;
    make(&owner, "off", "web-server", json!({ "redirectUris": [CALLBACK] })).await;
    owner
        .post(&format!("{APPLICATIONS}/off/disable"), &json!({}))
        .await
        .expect(200);
    let browser = browser_of(&owner).await;
    for client in ["nobody", "off", "", "SHOP"] {
        assert_page(&browser.open(&request(client, &[])).await, "invalid_");
    }
    for uri in [
        "",
        "https://shop.example/callback/",
        "https://shop.example/callback?x=1",
        "https://shop.example/callback#x",
        "https://shop.example/Callback",
        "https://SHOP.example/callback",
        "https://shop.example:443/callback",
        "https://shop.example./callback",
        "http://shop.example/callback",
        "https://evil.test/callback",
        "https://shop.example@evil.test/callback",
        "https://evil.test\\@shop.example/callback",
        "https://shop.example/callback%2f",
        "https://shop.example/a/../callback",
        "https://shop.example/;/callback",
        "https://shop.example/\tcallback",
        "javascript:alert(1)",
        "//shop.example/callback",
    ] {
        assert_page(
            &browser.open(&request("shop", &[("redirect_uri", uri)])).await,
            "redirect_uri",
        );
    }
    let path = request("shop", &[]);
    for more in ["client_id=shop", "redirect_uri=https://evil.test", "redirect_uri="] {
        assert_page(&browser.open(&format!("{path}&{more}")).await, "invalid_request");
    }
    let long = request("shop", &[("state", &"x".repeat(9_000))]);
    assert_page(&browser.open(&long).await, "invalid_request");
}

/// An application gets this word for its request.
async fn is_told(browser: &Browser<'_>, more: &[(&str, &str)], word: &str) {
    let told = told(&browser.open(&request("shop", more)).await);
    assert_eq!(told["error"], word, "{more:?} {told:?}");
    assert_eq!((&*told["state"], told["iss"].ends_with("/t/acme")), ("a:b/c", true));
    assert!(
        !told["error_description"].is_empty() && !told.contains_key("code"),
        "{told:?}"
    );
}

#[tokio::test]
async fn an_application_is_told_what_is_wrong_with_its_request() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    shop(&owner, json!({})).await;
    make(
        &owner,
        "idle",
        "web-server",
        json!({ "redirectUris": [CALLBACK], "grants": ["refresh_token"] }),
    )
    .await;
    let browser = browser_of(&owner).await;
    let challenge = challenge();
    for (more, word) in [
        (&[("response_type", "")][..], "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("response_type", "code id_token")], "unsupported_response_type"),
        (&[("response_mode", "fragment")], "invalid_request"),
        (&[("request", "e30.e30.")], "request_not_supported"),
        (
            &[("request_uri", "https://shop.example/r")],
            "request_uri_not_supported",
        ),
        (&[("registration", "{}")], "registration_not_supported"),
        (
            &[("code_challenge", ""), ("code_challenge_method", "")],
            "invalid_request",
        ),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge", &challenge[1..])], "invalid_request"),
        (&[("scope", "")], "invalid_scope"),
        (&[("scope", "users:list api")], "invalid_scope"),
        (&[("scope", "a\"b")], "invalid_scope"),
        (&[("resource", "https://orders.example")], "invalid_target"),
    ] {
        is_told(&browser, more, word).await;
    }
    let twice = browser.open(&format!("{}&scope=openid", request("shop", &[]))).await;
    assert_eq!(told(&twice)["error"], "invalid_request");
    assert_eq!(
        told(&browser.open(&request("idle", &[])).await)["error"],
        "unauthorized_client"
    );
    // What nobody knows is let pass, and what is known and means nothing here.
    let more = [
        ("display", "popup"),
        ("acr_values", "aal3"),
        ("claims_locales", "fr"),
        ("what", "ever"),
        ("scope", "openid address what:ever"),
    ];
    code(&browser, &request("shop", &more)).await;
}

#[tokio::test]
async fn an_application_is_told_what_is_wrong_with_what_it_wants_of_the_sign_in() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    shop(&owner, json!({})).await;
    let browser = browser_of(&owner).await;
    let long = "x".repeat(2_049);
    for (more, word) in [
        (&[("prompt", "none login")][..], "invalid_request"),
        (&[("prompt", "dance")], "invalid_request"),
        (&[("max_age", "-1")], "invalid_request"),
        (&[("max_age", "soon")], "invalid_request"),
        (&[("claims", "[]")], "invalid_request"),
        (&[("claims", "{\"userinfo\":{\"email\":1}}")], "invalid_request"),
        (
            &[(
                "claims",
                "{\"id_token\":{\"acr\":{\"essential\":true,\"values\":[\"aal3\"]}}}",
            )],
            "unmet_authentication_requirements",
        ),
        (&[("id_token_hint", "x")], "invalid_request"),
        (&[("nonce", &*long)], "invalid_request"),
    ] {
        is_told(&browser, more, word).await;
    }
}

#[tokio::test]
async fn a_form_is_answered_with_the_address_of_the_same_request() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    shop(&owner, json!({})).await;
    let browser = browser_of(&owner).await;
    let path = request("shop", &[]);
    let query = path.split_once('?').unwrap().1.to_owned();
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let sent = browser
        .request(Method::POST, "/t/acme/oauth2/authorize", Some(fields))
        .await;
    assert_eq!(sent.leads(), format!("/t/acme{path}"));
    assert!(told(&follow(&browser, &sent).await).contains_key("code"));
    let anybody = tenant.anybody();
    let other = anybody.request(Method::POST, "/oauth2/authorize").json(&json!({}));
    assert_refused(&anybody.send(other).await, 415, "invalid_request");
}

#[tokio::test]
async fn an_answer_may_come_in_a_form_in_which_nothing_is_more_than_text() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({})).await;
    let browser = browser_of(&owner).await;
    let state = "\"><script>alert(1)</script>";
    let page = browser
        .open(&request("shop", &[("response_mode", "form_post"), ("state", state)]))
        .await;
    assert_eq!(page.status(), 200);
    let policy = page.reply.header("content-security-policy");
    assert!(
        policy.contains("form-action https://shop.example;") && policy.contains("script-src 'sha256-"),
        "{policy}"
    );
    assert!(!page.reply.text.contains("alert(1)</script>"), "{}", page.reply.text);
    let fields: std::collections::BTreeMap<_, _> = page.hidden().into_iter().collect();
    assert_eq!((&*fields["state"], &*fields["iss"]), (state, &*app.base));
    redeem(&tenant, ("shop", &secret), &fields["code"], &[])
        .await
        .expect(200);
    let wrong = browser
        .open(&request("shop", &[("response_mode", "form_post"), ("scope", "")]))
        .await;
    assert!(
        wrong
            .hidden()
            .contains(&("error".to_owned(), "invalid_scope".to_owned()))
    );
}

#[tokio::test]
async fn without_a_page_somebody_is_signed_in_or_the_application_is_told() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({})).await;
    let path = request("shop", &[("prompt", "none")]);
    assert_eq!(told(&tenant.browser().open(&path).await)["error"], "login_required");
    let browser = browser_of(&owner).await;
    let one = code(&browser, &path).await;
    let tokens = redeem(&tenant, ("shop", &secret), &one, &[]).await.expect(200);
    let hint = tokens["id_token"].as_str().unwrap();
    code(
        &browser,
        &request("shop", &[("prompt", "none"), ("id_token_hint", hint)]),
    )
    .await;
    app.advance(3600);
    // Also an old one says who it was.
    code(
        &browser,
        &request("shop", &[("prompt", "none"), ("id_token_hint", hint)]),
    )
    .await;
    let aged = told(
        &browser
            .open(&request("shop", &[("prompt", "none"), ("max_age", "60")]))
            .await,
    );
    assert_eq!(aged["error"], "login_required");
    make_user(&tenant.owner().await, "eve", "").await;
    sign_in(&browser, "eve").await;
    let other = told(
        &browser
            .open(&request("shop", &[("prompt", "none"), ("id_token_hint", hint)]))
            .await,
    );
    assert_eq!(other["error"], "login_required");
}

#[tokio::test]
async fn somebody_signs_in_again_where_that_is_asked_and_once_is_enough() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({})).await;
    let browser = browser_of(&owner).await;
    for more in [("prompt", "login"), ("max_age", "10")] {
        app.advance(60);
        let sent = browser.open(&request("shop", &[more])).await;
        // Coming back without having done it changes nothing.
        let back = sent
            .leads()
            .split("return_to=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap();
        let back = url::form_urlencoded::parse(format!("x={back}").as_bytes())
            .next()
            .unwrap()
            .1
            .into_owned();
        assert!(browser.open(&back).await.leads().starts_with("/login?"));
        let form = follow(&browser, &sent).await.expect(200, "name=\"password\"");
        app.advance(1);
        let done = browser
            .submit(&form, &[("username", "ada"), ("password", PASSWORD)])
            .await;
        let one = told(&follow(&browser, &done).await)["code"].clone();
        let tokens = redeem(&tenant, ("shop", &secret), &one, &[]).await.expect(200);
        let id = decode(tokens["id_token"].as_str().unwrap()).1;
        assert_eq!(id["auth_time"], id["iat"], "{more:?}");
    }
    // What another request said of itself is of no use to this one.
    app.advance(60);
    let sent = browser
        .open(&request("shop", &[("prompt", "login"), ("nonce", "other")]))
        .await;
    let seen = sent
        .leads()
        .split("seen%3D")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .to_owned();
    let forged = format!("{}&seen={seen}", request("shop", &[("prompt", "login")]));
    assert!(browser.open(&forged).await.leads().starts_with("/login?"));
}

#[tokio::test]
async fn somebody_chooses_an_account_or_makes_one_where_that_is_asked() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    shop(&owner, json!({})).await;
    let browser = browser_of(&owner).await;
    let sent = browser.open(&request("shop", &[("prompt", "select_account")])).await;
    let page = follow(&browser, &sent).await.expect(200, "signed in as ada");
    let go_on = page
        .reply
        .text
        .split("<a href=\"")
        .find(|link| link.contains("oauth2&#x2f;authorize"))
        .expect("a way on");
    let go_on = crate::support::browser::plain(go_on.split('"').next().unwrap());
    assert!(told(&browser.request(Method::GET, &go_on, None).await).contains_key("code"));
    let nobody = tenant.browser();
    let sent = nobody.open(&request("shop", &[("prompt", "create")])).await;
    assert!(
        sent.leads().starts_with("/login/sign-up?return_to="),
        "{}",
        sent.leads()
    );
    let form = follow(&nobody, &sent).await;
    let typed = [
        ("username", "grace"),
        ("email", "grace@example.com"),
        ("password", PASSWORD),
    ];
    let mailed = nobody.submit(&form, &typed).await.expect(200, "Check your mail");
    let code = tenant.code_to("grace@example.com").await;
    let typed = [("email", "grace@example.com"), ("code", code.as_str())];
    let entered = nobody.submit(&mailed, &typed).await;
    assert!(told(&follow(&nobody, &entered).await).contains_key("code"));
}

#[tokio::test]
async fn only_those_whom_an_application_lets_in_get_in() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({ "accessRoles": ["support"] })).await;
    let browser = browser_of(&owner).await;
    let unseen = browser.open(&request("shop", &[("prompt", "none")])).await;
    assert_eq!(told(&unseen)["error"], "access_denied");
    // They learn why and whom to ask, may be somebody else, or go back.
    let sent = browser.open(&request("shop", &[])).await;
    assert!(sent.leads().starts_with("/login/no-access?"), "{}", sent.leads());
    let page = follow(&browser, &sent).await.expect(200, "You have no access to shop");
    assert!(page.reply.text.contains("signed in as ada"), "{}", page.reply.text);
    let back = browser.submit(&page, &[]).await;
    assert_eq!(told(&follow(&browser, &back).await)["error"], "access_denied");
    make_user(&owner, "eve", "support").await;
    sign_in(&browser, "eve").await;
    let one = code(&browser, &request("shop", &[])).await;
    redeem(&tenant, ("shop", &secret), &one, &[]).await.expect(200);
    let one = code(&browser, &request("shop", &[])).await;
    crate::support::roles::grant(&owner, "eve", "").await.expect(200);
    assert_refused(
        &redeem(&tenant, ("shop", &secret), &one, &[]).await,
        400,
        "invalid_grant",
    );
}

#[tokio::test]
async fn nobody_but_the_browser_itself_lets_an_application_in() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    shop(&owner, json!({})).await;
    // A token of an application is no browser, nor is a password.
    let path = request("shop", &[("prompt", "none")]);
    for request in [
        owner.request(Method::GET, &path),
        tenant
            .anybody()
            .request(Method::GET, &path)
            .basic_auth("admin", Some(PASSWORD)),
    ] {
        let reply = owner.send(request).await;
        assert!(reply.header("location").contains("error=login_required"), "{reply:?}");
    }
    let events: Value = owner
        .get("/apis/console/v1alpha1/audit-events?action=authorizations:create")
        .await
        .expect(200);
    assert_eq!(events["total"], 0);
    let browser = browser_of(&owner).await;
    code(&browser, &path).await;
    let events = owner
        .get("/apis/console/v1alpha1/audit-events?action=authorizations:create")
        .await
        .expect(200);
    assert_eq!(
        (&events["total"], &events["items"][0]["actor"]),
        (&json!(1), &json!("ada"))
    );
}
