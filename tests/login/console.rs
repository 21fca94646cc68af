//! The console signs people in by the code flow, which ends within the server.

use crate::{
    application::APPLICATIONS,
    support::{
        PASSWORD, Tenant, TestApp,
        browser::{Browser, Page},
        roles::make_user,
    },
};
use reqwest::Method;
use serde_json::json;

const SIGN_IN: &str = "/console/sign-in";

async fn follow(browser: &Browser<'_>, page: &Page) -> Page {
    browser.request(Method::GET, page.leads(), None).await
}

/// The path and query of an address of this server.
fn path_of(tenant: &Tenant<'_>, address: &str) -> String {
    address.strip_prefix(&tenant.app.base).unwrap_or(address).to_owned()
}

/// Begins to sign in, and answers where the browser comes back to with a code: somebody is signed in in it.
async fn begin(tenant: &Tenant<'_>, browser: &Browser<'_>, next: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("next", next)
        .finish();
    let asked = browser.open(&format!("{SIGN_IN}?{query}")).await;
    let back = follow(browser, &asked).await;
    let back = path_of(tenant, back.leads());
    assert!(back.contains("/console/sign-in/callback?code="), "{back}");
    back
}

async fn come_back(browser: &Browser<'_>, path: &str) -> Page {
    browser.request(Method::GET, path, None).await
}

async fn signed_in<'a>(tenant: &Tenant<'a>, name: &str) -> Browser<'a> {
    let browser = tenant.browser();
    assert_eq!(browser.sign_in(name, PASSWORD).await.status(), 303);
    browser
}

/// The same address with another value of a parameter, or without it.
fn with(path: &str, name: &str, value: Option<&str>) -> String {
    let (path, query) = path.split_once('?').unwrap();
    let mut pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    pairs.retain(|(known, _)| known != name);
    pairs.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("{path}?{query}")
}

fn parameter(path: &str, name: &str) -> String {
    let (_, query) = path.split_once('?').unwrap();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(known, _)| known == name).unwrap().1.into_owned()
}

#[tokio::test]
async fn somebody_signs_in_to_the_console_on_the_page_of_the_tenant_and_goes_on_where_they_were() {
    let app = TestApp::start().await;
    for tenant in [app.default_tenant(), app.tenant("acme").await] {
        let prefix = tenant.prefix().to_owned();
        let browser = tenant.browser();
        let asked = browser
            .open(&format!("{SIGN_IN}?next=%2Fusers%3Fq%3Da&ui_locales=zh"))
            .await;
        let leads = asked.leads();
        assert!(
            leads.starts_with(&format!("{prefix}/oauth2/authorize?client_id=console&")),
            "{leads}"
        );
        assert!(leads.contains("code_challenge_method=S256"), "{leads}");
        let cookie = asked.reply.header("set-cookie").to_owned();
        let bound = format!("HttpOnly; SameSite=Lax; Path={prefix}/console/sign-in; Max-Age=3600");
        assert!(cookie.ends_with(&bound), "{cookie}");
        let sent = follow(&browser, &asked).await;
        let form = follow(&browser, &sent).await;
        assert!(form.reply.text.contains("lang=\"zh\""), "{}", form.reply.text);
        let typed = [("username", "admin"), ("password", PASSWORD)];
        let done = browser.submit(&form, &typed).await;
        let back = follow(&browser, &done).await;
        let entered = come_back(&browser, &path_of(&tenant, back.leads())).await;
        assert_eq!(entered.leads(), format!("{prefix}/console/users?q=a"));
        browser.open("/console/users?q=a").await.expect(200, "<base");
        // No token was made.
        let owner = tenant.owner().await;
        let sessions = owner
            .get("/apis/console/v1alpha1/users/admin/sessions")
            .await
            .expect(200);
        let of_console = sessions["items"].as_array().unwrap().iter();
        assert_eq!(
            of_console
                .filter(|item| item.to_string().contains("\"console\""))
                .count(),
            0,
            "{sessions}"
        );
    }
}

#[tokio::test]
async fn a_sign_in_to_the_console_ends_in_the_browser_where_it_began_and_once() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    make_user(&owner, "ada", "").await;
    let (ada, eve) = (signed_in(&tenant, "ada").await, signed_in(&tenant, "admin").await);

    // Of another browser: by a link with a code of their own, somebody would sign others in as themselves.
    let of_eve = begin(&tenant, &eve, "/").await;
    come_back(&ada, &of_eve)
        .await
        .expect(400, "This sign-in cannot be finished");
    let of_ada = begin(&tenant, &ada, "/").await;
    come_back(&ada, &with(&of_ada, "code", Some(&parameter(&of_eve, "code"))))
        .await
        .expect(400, "cannot be finished");
    // Even if the attacker plants what their own browser was given.
    let planted = tenant.browser();
    planted.cookies.borrow_mut().extend(eve.cookies.borrow().clone());
    let of_planted = begin(&tenant, &planted, "/").await;
    let session = |browser: &Browser<'_>| {
        let cookies = browser.cookies.borrow();
        let (name, value) = cookies
            .iter()
            .find(|(name, _)| name.ends_with("tenantry-acme"))
            .unwrap();
        (name.clone(), value.clone())
    };
    let (name, value) = session(&ada);
    planted.cookies.borrow_mut().insert(name, value);
    come_back(&planted, &of_planted).await.expect(400, "cannot be finished");

    // Without what the browser was given.
    let naked = signed_in(&tenant, "ada").await;
    let of_naked = begin(&tenant, &naked, "/").await;
    naked.cookies.borrow_mut().retain(|name, _| !name.ends_with(".console"));
    come_back(&naked, &of_naked).await.expect(400, "cannot be finished");

    // Two tabs are not in each other's way, and each code works once.
    let (one, other) = (
        begin(&tenant, &ada, "/users").await,
        begin(&tenant, &ada, "/roles").await,
    );
    assert_eq!(come_back(&ada, &one).await.leads(), "/t/acme/console/users");
    assert_eq!(come_back(&ada, &other).await.leads(), "/t/acme/console/roles");
    come_back(&ada, &one).await.expect(400, "cannot be finished");
}

#[tokio::test]
async fn what_the_console_is_told_must_be_whole_of_this_tenant_and_not_of_long_ago() {
    let app = TestApp::start().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let browser = signed_in(&acme, "admin").await;
    let stranger = signed_in(&other, "admin").await;
    let foreign = begin(&other, &stranger, "/").await;
    let refused = [
        ("iss", Some(other.base.clone())),
        ("iss", Some(format!("{}/", acme.base))),
        ("iss", None),
        ("state", None),
        ("state", Some("x".to_owned())),
        ("state", Some(parameter(&foreign, "state"))),
        ("code", None),
        ("code", Some("x".to_owned())),
        ("code", Some(parameter(&foreign, "code"))),
    ];
    for (name, value) in refused {
        let back = begin(&acme, &browser, "/").await;
        let page = come_back(&browser, &with(&back, name, value.as_deref())).await;
        let page = page.expect(400, "This sign-in cannot be finished");
        assert_eq!(page.reply.header("referrer-policy"), "no-referrer");
        // Nothing was wrong but this.
        if name != "code" {
            assert_eq!(come_back(&browser, &back).await.leads(), "/t/acme/console/");
        }
    }
    let back = begin(&acme, &browser, "/").await;
    let twice = format!("{back}&state={}", parameter(&back, "state"));
    come_back(&browser, &twice).await.expect(400, "cannot be finished");
    let late = begin(&acme, &browser, "/").await;
    app.advance(61);
    come_back(&browser, &late).await.expect(400, "cannot be finished");
    let state = parameter(&late, "state");
    app.advance(3600);
    let fresh = begin(&acme, &browser, "/").await;
    come_back(&browser, &with(&fresh, "state", Some(&state)))
        .await
        .expect(400, "cannot be finished");
}

#[tokio::test]
async fn from_a_sign_in_to_the_console_people_go_on_in_the_console_alone() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let browser = signed_in(&tenant, "admin").await;
    for (next, to) in [
        ("/users/ada?tab=raw", "/users/ada?tab=raw"),
        ("/users/a%2Fb", "/users/a%2Fb"),
        ("", "/"),
        // A path of ours, whatever it looks like.
        ("//evil.example", "//evil.example"),
        ("/\\evil.example", "/"),
        ("/../login", "/"),
        ("/%2e%2e/login", "/"),
        ("/../../../other/console/", "/"),
        ("/\t/../../evil", "/"),
        (".evil.example", "/"),
        ("@evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        (&*"/a".repeat(1000), "/"),
    ] {
        let back = begin(&tenant, &browser, next).await;
        let leads = come_back(&browser, &back).await;
        assert_eq!(leads.leads(), format!("/t/acme/console{to}"), "{next:?}");
    }
}

#[tokio::test]
async fn nobody_comes_into_a_console_that_is_disabled() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    let browser = signed_in(&tenant, "admin").await;
    let late = begin(&tenant, &browser, "/").await;
    browser.open("/console/users").await.expect(200, "<base");

    let path = format!("{APPLICATIONS}/console");
    owner.post(&format!("{path}/disable"), &json!({})).await.expect(200);
    let page = browser.open("/console/users").await;
    page.expect(403, "The console is switched off");
    let asked = browser.open(SIGN_IN).await;
    follow(&browser, &asked).await.expect(400, "invalid_client");
    come_back(&browser, &late).await.expect(400, "cannot be finished");
    // Of other tenants it is another one.
    app.default_tenant()
        .browser()
        .open("/console/")
        .await
        .expect(200, "<base");

    owner.post(&format!("{path}/enable"), &json!({})).await.expect(200);
    browser.open("/console/users").await.expect(200, "<base");
    let back = begin(&tenant, &browser, "/").await;
    assert_eq!(come_back(&browser, &back).await.leads(), "/t/acme/console/");
}
