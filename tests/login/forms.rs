//! Forms: only ours are taken, and nothing that was typed becomes part of a page.

use super::trail;
use crate::support::{
    PASSWORD, TestApp,
    browser::{Browser, Page},
};
use reqwest::Method;

const PAGES: &[&str] = &[
    "",
    "/sign-up",
    "/verify",
    "/forgot",
    "/reset",
    "/undo",
    "/password",
    "/sign-out",
];

/// Fields a page of this browser would be sent with.
async fn fields(browser: &Browser<'_>) -> Vec<(String, String)> {
    let mut fields = browser.open("/login").await.hidden();
    let typed = [
        ("username", "admin"),
        ("password", PASSWORD),
        ("email", "admin@localhost"),
    ];
    fields.extend(typed.map(|(name, value)| (name.to_owned(), value.to_owned())));
    fields
}

async fn post(browser: &Browser<'_>, page: &str, fields: &[(String, String)]) -> Page {
    browser
        .request(Method::POST, &format!("/login{page}"), Some(fields.to_vec()))
        .await
}

#[track_caller]
fn is_refused(page: &Page, why: &str) {
    assert_eq!(page.status(), 403, "{why} {}", page.reply.text);
    assert!(
        page.reply.text.contains("did not come from a page of this site"),
        "{why}"
    );
    assert!(!page.reply.headers.contains_key("set-cookie"), "{why}");
}

#[tokio::test]
async fn a_form_that_is_none_of_ours_is_refused_on_every_page() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let acme = app.tenant("acme").await;
    let owner = tenant.owner().await;
    let before = trail(&owner).await;
    for page in PAGES {
        let browser = tenant.browser();
        let own = fields(&browser).await;
        let unsigned: Vec<_> = own.iter().filter(|(name, _)| name != "form_token").cloned().collect();
        is_refused(&post(&browser, page, &unsigned).await, "without a token");
        let stolen = fields(&tenant.browser()).await;
        is_refused(&post(&browser, page, &stolen).await, "of another browser");
        let naked = tenant.browser();
        is_refused(&post(&naked, page, &own).await, "without a cookie");

        // The cookie's value is as good as it gets: its hash is another tenant's.
        let foreign = acme.browser();
        let theirs = fields(&foreign).await;
        let value = foreign.cookies.borrow()["tenantry-acme.form"].clone();
        let planted = tenant.browser();
        planted
            .cookies
            .borrow_mut()
            .insert("tenantry-default.form".to_owned(), value);
        is_refused(&post(&planted, page, &theirs).await, "of another tenant");

        for site in ["cross-site", "same-site", "none"] {
            let mut browser = tenant.browser();
            let own = fields(&browser).await;
            browser.headers.insert("sec-fetch-site", site.parse().unwrap());
            is_refused(&post(&browser, page, &own).await, site);
        }
    }
    assert_eq!(trail(&owner).await, before, "a refused form changed something");
}

#[tokio::test]
async fn without_fetch_metadata_the_origin_decides() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let send = async |origin: Option<&str>| {
        let browser = tenant.browser();
        let own = fields(&browser).await;
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(own)
            .finish();
        let cookie = browser.cookies.borrow()["tenantry-default.form"].clone();
        let anybody = tenant.anybody();
        let mut request = anybody
            .request(Method::POST, "/login")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", format!("tenantry-default.form={cookie}"))
            .body(body);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        anybody.send(request).await.status.as_u16()
    };
    assert_eq!(send(Some(&app.base)).await, 303);
    // Browsers send this from pages without a referrer, and to http no metadata.
    assert_eq!(send(Some("null")).await, 303);
    assert_eq!(send(Some("https://evil.test")).await, 403);
    assert_eq!(send(None).await, 403);
}

#[tokio::test]
async fn only_forms_of_a_reasonable_size_are_read() {
    let app = TestApp::start().await;
    let anybody = app.default_tenant().anybody();
    for kind in ["application/json", "multipart/form-data; boundary=x", "text/plain", ""] {
        for page in PAGES {
            let request = anybody
                .request(Method::POST, &format!("/login{page}"))
                .header("content-type", kind);
            let reply = anybody.send(request.body("username=admin")).await;
            assert_eq!(reply.status, 415, "{kind} {page}");
        }
    }
    let form = |body: reqwest::Body| {
        let request = anybody.request(Method::POST, "/login");
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
    };
    let large = format!("username={}", "a".repeat(64 << 10));
    assert_eq!(anybody.send(form(large.clone().into())).await.status, 413);
    let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>(large)]);
    assert_eq!(anybody.send(form(reqwest::Body::wrap_stream(chunks))).await.status, 413);
    assert_eq!(anybody.send(form("".into())).await.status, 403);
}

#[tokio::test]
async fn nothing_that_was_typed_becomes_part_of_a_page() {
    const EVIL: &str = "\"><script>alert(1)</script><img src=x onerror='alert(1)'>";
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let browser = tenant.browser();
    let names = [
        "return_to",
        "client_id",
        "lang",
        "ui_locales",
        "token",
        "username",
        "email",
        "code",
        "x",
    ];
    for page in PAGES {
        for name in names {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair(name, EVIL)
                .finish();
            let shown = browser.open(&format!("/login{page}?{query}")).await;
            has_no_foreign_element(&format!("{page} {name}"), &shown.reply.text);
        }
        let mut sent = fields(&browser).await;
        sent.truncate(1);
        let more = ["display_name", "password", "new_password", "current_password"];
        sent.extend(
            names
                .iter()
                .chain(&more)
                .map(|name| ((*name).to_owned(), EVIL.to_owned())),
        );
        let shown = post(&browser, page, &sent).await;
        has_no_foreign_element(page, &shown.reply.text);
    }
}

/// A page has no picture, and no script but the one of its own that judges passwords.
fn has_no_foreign_element(which: &str, html: &str) {
    let scripts: Vec<_> = html.split("<script").skip(1).collect();
    let is_own = |script: &&str| script.starts_with(" src=\"/login/password-") && script.contains("\" defer></script>");
    assert!(scripts.len() <= 1 && scripts.iter().all(is_own), "{which}: {html}");
    assert!(!html.contains("<img"), "{which}: {html}");
}

#[tokio::test]
async fn no_password_and_no_code_is_ever_written_back() {
    const SECRET: &str = "canary-of-a-secret";
    let app = TestApp::start().await;
    let browser = app.default_tenant().browser();
    for page in PAGES {
        let mut sent = fields(&browser).await;
        sent.truncate(1);
        for name in ["password", "new_password", "current_password", "code"] {
            sent.push((name.to_owned(), SECRET.to_owned()));
        }
        let shown = post(&browser, page, &sent).await;
        assert!(!shown.reply.text.contains(SECRET), "{page}: {}", shown.reply.text);
        let shown = post(&browser, &format!("{page}?token={SECRET}"), &sent).await;
        assert!(!shown.reply.text.contains(SECRET), "{page}: {}", shown.reply.text);
    }
}
