//! The applications that come with the server: Swagger UI signs people in as any other application does.

use super::{
    TOKEN, assert_refused, call,
    flow::{VERIFIER, browser_of, request},
    post_form,
};
use crate::{
    application::APPLICATIONS,
    support::{
        PASSWORD, Reply, Tenant, TestApp,
        browser::{Browser, Page},
        roles::USERS,
    },
};
use reqwest::Method;
use serde_json::{Value, json};

const SWAGGER_UI: &str = "swagger-ui";

/// Where Swagger UI has people come back to.
fn redirect(tenant: &Tenant<'_>) -> String {
    format!("{}/swagger-ui/oauth2-redirect.html", tenant.base)
}

/// What the button *Authorize* of Swagger UI opens.
async fn authorize(browser: &Browser<'_>, redirect_uri: &str) -> Page {
    let asked = [("redirect_uri", redirect_uri), ("scope", "openid api"), ("nonce", "")];
    browser.open(&request(SWAGGER_UI, &asked)).await
}

/// The code in the address that a browser is sent to.
fn code(page: &Page) -> String {
    let (_, query) = page.leads().split_once('?').unwrap();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let code = pairs.find(|(name, _)| name == "code");
    code.unwrap_or_else(|| panic!("{}", page.leads())).1.into_owned()
}

/// What Swagger UI sends for a code: it has a field for a secret, and leaves it empty.
async fn redeem(tenant: &Tenant<'_>, code: &str, verifier: &str) -> Reply {
    let redirect_uri = redirect(tenant);
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", SWAGGER_UI),
        ("client_secret", ""),
        ("redirect_uri", &*redirect_uri),
        ("code_verifier", verifier),
    ];
    post_form(tenant, TOKEN, None, &form).await
}

async fn renew(tenant: &Tenant<'_>, tokens: &Value) -> Reply {
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ("client_id", SWAGGER_UI),
    ];
    post_form(tenant, TOKEN, None, &form).await
}

async fn list_users(tenant: &Tenant<'_>, tokens: &Value) -> Reply {
    call(tenant, Method::GET, USERS, tokens["access_token"].as_str().unwrap()).await
}

#[tokio::test]
async fn swagger_ui_gets_tokens_that_do_what_their_user_may_in_every_tenant_without_any_set_up() {
    let app = TestApp::start().await;
    for tenant in [app.default_tenant(), app.tenant("acme").await] {
        let browser = tenant.browser();
        browser.sign_in("admin", PASSWORD).await;
        let back = authorize(&browser, &redirect(&tenant)).await;
        assert!(back.leads().starts_with(&redirect(&tenant)), "{}", back.leads());
        let other = VERIFIER.replace('d', "e");
        assert_refused(&redeem(&tenant, &code(&back), &other).await, 400, "invalid_grant");

        let back = authorize(&browser, &redirect(&tenant)).await;
        let tokens = redeem(&tenant, &code(&back), VERIFIER).await.expect(200);
        assert_eq!(tokens["scope"], "openid api", "{tokens}");
        list_users(&tenant, &tokens).await.expect(200);
        let renewed = renew(&tenant, &tokens).await.expect(200);
        list_users(&tenant, &renewed).await.expect(200);

        // Whoever signs out in the browser has signed out of it.
        browser.fill("/login/sign-out", &[]).await.expect(200, "");
        list_users(&tenant, &renewed)
            .await
            .expect_problem(401, "unauthenticated");
        assert_refused(&renew(&tenant, &renewed).await, 400, "invalid_grant");
    }
}

#[tokio::test]
async fn people_come_back_to_what_comes_with_the_server_at_the_base_of_their_tenant_alone() {
    let app = TestApp::start().await;
    let (default, acme) = (app.default_tenant(), app.tenant("acme").await);
    let owner = acme.owner().await;
    let browser = browser_of(&owner).await;
    let own = redirect(&acme);
    assert_eq!(authorize(&browser, &own).await.status(), 303);
    let foreign = [
        redirect(&default),
        own.replacen("http://", "https://", 1),
        own.replacen("127.0.0.1", "localhost", 1),
        own.replacen("acme", "ACME", 1),
        own.replacen("/swagger-ui", "//swagger-ui", 1),
        own.replacen("/swagger-ui", "/./swagger-ui", 1),
        own.replacen("acme", "acme.evil.example", 1),
        own.replacen("acme", "acme@evil.example", 1),
        format!("{own}?x=1"),
        format!("{own}#x"),
        format!("{own}/"),
        format!("{}/swagger-ui/", acme.base),
        format!("{}/console/callback", acme.base),
        acme.base.clone(),
        "/swagger-ui/oauth2-redirect.html".to_owned(),
        "https://evil.example/swagger-ui/oauth2-redirect.html".to_owned(),
    ];
    for other in foreign {
        let page = authorize(&browser, &other).await;
        assert_eq!(page.status(), 400, "{other}: {}", page.reply.text);
    }
    let told = owner.get(&format!("{APPLICATIONS}/{SWAGGER_UI}")).await.expect(200);
    assert_eq!(
        told["spec"]["redirectUris"],
        json!(["/swagger-ui/oauth2-redirect.html"])
    );
}

#[tokio::test]
async fn nobody_signs_in_to_a_swagger_ui_that_is_disabled_and_its_tokens_are_of_no_use() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    let browser = tenant.browser();
    browser.sign_in("admin", PASSWORD).await;
    let back = authorize(&browser, &redirect(&tenant)).await;
    let tokens = redeem(&tenant, &code(&back), VERIFIER).await.expect(200);
    let late = authorize(&browser, &redirect(&tenant)).await;
    list_users(&tenant, &tokens).await.expect(200);

    let path = format!("{APPLICATIONS}/{SWAGGER_UI}");
    owner.post(&format!("{path}/disable"), &json!({})).await.expect(200);
    let page = authorize(&browser, &redirect(&tenant)).await;
    page.expect(400, "invalid_client");
    assert_refused(&redeem(&tenant, &code(&late), VERIFIER).await, 401, "invalid_client");
    assert_refused(&renew(&tenant, &tokens).await, 401, "invalid_client");
    list_users(&tenant, &tokens)
        .await
        .expect_problem(401, "unauthenticated");

    owner.post(&format!("{path}/enable"), &json!({})).await.expect(200);
    assert_eq!(authorize(&browser, &redirect(&tenant)).await.status(), 303);
}

#[tokio::test]
async fn the_pages_of_a_sign_in_in_a_window_of_its_own_can_speak_to_the_page_that_opened_it() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let browser = tenant.browser();
    let sent = authorize(&browser, &redirect(&tenant)).await;
    let sign_in = super::flow::follow(&browser, &sent).await;
    let pages = [
        browser.open("/swagger-ui/").await,
        sent,
        sign_in,
        browser.open("/swagger-ui/oauth2-redirect.html?code=1&state=2").await,
    ];
    for page in pages {
        let policy = page.reply.header("cross-origin-opener-policy");
        assert_eq!(policy, "same-origin-allow-popups", "{}", page.at);
        let policy = page.reply.headers.get("content-security-policy");
        let policy = policy.map(|policy| policy.to_str().unwrap());
        assert!(
            policy.is_none_or(|policy| !policy.contains("script-src 'self' '") && !policy.contains("script-src *")),
            "{}: {policy:?}",
            page.at
        );
    }
}
