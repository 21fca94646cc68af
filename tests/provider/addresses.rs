//! Signing in at the addresses of four makers, and the tokens of applications that begin there.

use super::{Scene, parameters, patch, set_up, switch, trusting, who};
use crate::support::{
    Person, Reply, TestApp,
    browser::{Browser, Page},
    issuer::Issuer,
    roles::{CONSOLE, USERS},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Method;
use serde_json::{Value, json};
use tenantry::kit::secret::token_hash;

const MAKERS: [&str; 4] = ["google", "github", "microsoft", "facebook"];
const HOME: &str = "https://app.example.com/home";
const VERIFIER: &str = "a-verifier-that-nobody-guesses-as-it-is-random";

/// The query and the cookie with which somebody who has an account comes back to the address of a maker.
pub(crate) async fn coming_back(owner: &Person<'_>, maker: &str) -> (String, String) {
    let scene = Scene::of(owner, maker).await;
    scene.sign_up(maker).await;
    let browser = owner.tenant.browser();
    let begun = parameters(&browser.open(&format!("/api/auth/{maker}")).await);
    scene.sign(&scene.claims(&begun, &ada()));
    let back = scene.back(&begun);
    let (_, query) = back.split_once('?').unwrap();
    let cookies = browser.cookies.borrow();
    let (name, value) = cookies.iter().next().unwrap();
    (format!("?{query}"), format!("{name}={value}"))
}

/// What an application exchanges for tokens of somebody.
pub(crate) async fn exchanged(owner: &Person<'_>) -> Value {
    let scene = Scene::of(owner, "google").await;
    scene.sign_up("google").await;
    let begin = scene.application().await;
    json!({ "code": scene.code(&begin).await, "verifier": VERIFIER })
}

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(token_hash(VERIFIER))
}

impl<'a> Scene<'a> {
    /// A tenant with an issuer that goes by the name of a maker.
    async fn at(app: &'a TestApp, maker: &str) -> Self {
        Self::of(&app.default_tenant().owner().await, maker).await
    }

    async fn of(owner: &Person<'a>, maker: &str) -> Self {
        let issuer = Issuer::start();
        set_up(owner, maker, &issuer.base, trusting()).await;
        Self {
            owner: owner.clone(),
            issuer,
            app: owner.tenant.app,
        }
    }

    /// An application with a home, and where its sign-in begins.
    async fn application(&self) -> String {
        let spec = json!({ "homeUrl": HOME, "redirectUris": ["https://app.example.com/back?kept=1"] });
        crate::application::make(&self.owner, "shop", "single-page", spec).await;
        format!("/api/auth/google?client_id=shop&challenge={}", challenge())
    }

    /// Goes to a maker and comes back as somebody of whom it says this.
    async fn through(&self, browser: &Browser<'_>, path: &str, more: Value) -> Page {
        let begun = parameters(&browser.open(path).await);
        self.sign(&self.claims(&begun, &more));
        let maker = path.split(['/', '?']).nth(3).unwrap();
        let back = self.back(&begun);
        let back = back.replace("/login/with/corp/callback", &format!("/api/auth/{maker}/callback"));
        browser.open(&back).await
    }

    /// The code that an application got for who signs in, who has an account.
    async fn code(&self, begin: &str) -> String {
        let browser = self.owner.tenant.browser();
        let came = self.through(&browser, begin, ada()).await;
        assert!(came.reply.headers.get_all("set-cookie").iter().all(|cookie| {
            let cookie = cookie.to_str().unwrap();
            cookie.contains("Max-Age=0")
        }));
        parameters(&came)["code"].clone()
    }

    async fn exchange(&self, code: &str, verifier: &str) -> Reply {
        let given = json!({ "code": code, "verifier": verifier });
        self.owner.tenant.anybody().post("/api/auth/exchange", &given).await
    }

    /// Signs Ada up in a browser.
    async fn sign_up(&self, maker: &str) {
        let browser = self.owner.tenant.browser();
        let waits = self.through(&browser, &format!("/api/auth/{maker}"), ada()).await;
        assert!(waits.leads().ends_with("/login/identity"), "{}", waits.leads());
        browser.fill("/login/identity", &[]).await.leads();
    }
}

fn ada() -> Value {
    json!({ "sub": "sub-1", "email": "ada@example.com", "email_verified": true, "name": "Ada" })
}

#[tokio::test]
async fn somebody_signs_in_at_the_address_of_each_maker() {
    let app = TestApp::start().await;
    for maker in MAKERS {
        let tenant = app.tenant(&format!("of-{maker}")).await;
        let scene = Scene::of(&tenant.owner().await, maker).await;
        let browser = tenant.browser();
        let path = format!("/api/auth/{maker}?return_to={}/console/roles&lang=zh", tenant.prefix());
        let begun = parameters(&browser.open(&path).await);
        let here = format!("{}/api/auth/{maker}/callback", tenant.base);
        assert_eq!(
            (&*begun["redirect_uri"], &*begun["code_challenge_method"]),
            (&*here, "S256")
        );
        let waits = scene.through(&browser, &path, ada()).await;
        assert!(waits.leads().contains("/login/identity?"), "{}", waits.leads());
        let page = browser.request(Method::GET, waits.leads(), None).await;
        let page = page.expect(200, "<html lang=\"zh\"");
        let made = browser.submit(&page, &[]).await;
        assert!(made.leads().ends_with("/console/roles"), "{}", made.leads());
        // They have come before.
        let again = scene.through(&tenant.browser(), &path, ada()).await;
        assert!(again.leads().ends_with("/console/roles"), "{}", again.leads());
        assert_eq!(scene.issuer.last("/token")["redirect_uri"], here);
    }
}

#[tokio::test]
async fn the_provider_called_so_is_taken_else_the_only_one_of_the_maker() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let issuer = Issuer::start();
    let browser = app.default_tenant().browser();
    let refused = browser.open("/api/auth/github").await;
    assert_eq!(
        refused.reply.json()["code"],
        "provider_not_found",
        "{}",
        refused.reply.text
    );
    assert_eq!(refused.status(), 404);
    let github = json!({ "kind": "github", "issuer": null });
    set_up(&owner, "first", &issuer.base, github.clone()).await;
    let leads = browser.open("/api/auth/github").await;
    assert!(
        leads.leads().starts_with("https://github.com/login/oauth/authorize?"),
        "{}",
        leads.leads()
    );
    // Of two nobody knows which one is meant.
    set_up(&owner, "second", &issuer.base, github).await;
    browser.open("/api/auth/github").await.expect(404, "provider_not_found");
    set_up(&owner, "github", &issuer.base, json!({})).await;
    let leads = browser.open("/api/auth/github").await;
    assert!(leads.leads().starts_with(&issuer.base), "{}", leads.leads());
    switch(&owner, "github", "disable").await.expect(200);
    browser.open("/api/auth/github").await.expect(404, "provider_not_found");
    patch(&owner, "second", json!({ "signIn": false })).await.expect(200);
    browser.open("/api/auth/github").await.leads();
}

#[tokio::test]
async fn errors_are_pages_in_a_browser_and_the_groups_for_programs() {
    let app = TestApp::start().await;
    let scene = Scene::at(&app, "google").await;
    let mut browser = app.default_tenant().browser();
    for path in ["/api/auth/facebook", "/api/auth/facebook/callback?state=x"] {
        let refused = browser.open(path).await.expect(404, "provider_not_found");
        assert_eq!(refused.reply.json()["statusCode"], 404);
    }
    let refused = browser.open("/api/auth/google/callback?code=1&state=x").await;
    assert_eq!(refused.expect(400, "").reply.json()["code"], "sign_in_not_begun");
    let begun = parameters(&browser.open("/api/auth/google").await);
    scene.issuer.can("/token", 401, &json!({ "error": "invalid_client" }));
    let back = scene.back(&begun).replace("/login/with/corp/", "/api/auth/google/");
    browser.open(&back).await.expect(502, "provider_misconfigured");
    browser.headers.insert("accept", "text/html".parse().unwrap());
    browser
        .open("/api/auth/facebook")
        .await
        .expect(404, "facebook is not offered here");
    browser
        .open("/api/auth/google/callback?code=1&state=x")
        .await
        .expect(400, "was not begun here");
    // The control.
    assert!(
        scene
            .through(&browser, "/api/auth/google", ada())
            .await
            .leads()
            .contains("/login/identity")
    );
}

#[tokio::test]
async fn a_browser_that_loads_ahead_goes_nowhere_and_a_dry_run_ends_on_its_page() {
    let app = TestApp::start().await;
    let scene = Scene::at(&app, "google").await;
    let mut browser = app.default_tenant().browser();
    browser.headers.insert("sec-purpose", "prefetch".parse().unwrap());
    assert_eq!(browser.open("/api/auth/google").await.status(), 204);
    browser.headers.clear();
    browser.sign_in("admin", crate::support::PASSWORD).await.leads();
    let tried = scene.through(&browser, "/api/auth/google?purpose=try", ada()).await;
    tried.expect(200, "Dry run of Corp");
}

#[tokio::test]
async fn what_was_begun_at_one_address_ends_at_no_other() {
    let app = TestApp::start().await;
    let scene = Scene::at(&app, "google").await;
    let browser = app.default_tenant().browser();
    let begun = parameters(&browser.open("/api/auth/google").await);
    scene.sign(&scene.claims(&begun, &ada()));
    let back = scene.back(&begun);
    browser
        .open(&back.replace("/with/corp/", "/with/google/"))
        .await
        .expect(404, "not offered");
    assert_eq!(scene.issuer.asked("/token"), 0);
    let link = browser.open("/api/auth/google?purpose=link&return_to=/console/").await;
    assert_eq!(link.leads(), "/login/with/google?return_to=%2Fconsole%2F&purpose=link");
    let came = scene.through(&browser, "/api/auth/google", ada()).await;
    assert_eq!(came.leads(), "/login/identity");
}

#[tokio::test]
async fn an_application_exchanges_its_code_for_tokens_once_and_soon() {
    let app = TestApp::start().await;
    let scene = Scene::at(&app, "google").await;
    let begin = scene.application().await;
    // Who is new is asked what their account shall be, and the code comes then.
    let browser = app.default_tenant().browser();
    let waits = scene.through(&browser, &begin, ada()).await;
    let page = browser.request(Method::GET, waits.leads(), None).await;
    let made = browser.submit(&page.expect(200, "ada@example.com"), &[]).await;
    assert!(made.leads().starts_with(&format!("{HOME}?code=")), "{}", made.leads());
    assert_eq!(who(&browser).await, "", "the browser is signed in");
    let code = parameters(&made)["code"].clone();

    let other = format!("{VERIFIER}-2");
    scene.exchange(&code, &other).await.expect(401);
    let tokens = scene.exchange(&code, VERIFIER).await.expect(200);
    assert_eq!(tokens["user"]["email"], "ada@example.com", "{tokens}");
    assert!(tokens["user"]["isEmailVerified"].as_bool().unwrap());
    let bearer = format!("Bearer {}", tokens["token"].as_str().unwrap());
    let check = app.default_tenant().anybody().request(Method::GET, "/api/auth/check");
    let check = app
        .default_tenant()
        .anybody()
        .send(check.header("authorization", bearer))
        .await;
    assert_eq!(check.expect(200)["user"]["email"], "ada@example.com");
    let renewed = json!({ "refresh_token": tokens["refresh_token"] });
    let anybody = app.default_tenant().anybody();
    anybody.post("/api/auth/refresh-token", &renewed).await.expect(200);

    let again = scene.exchange(&code, VERIFIER).await;
    assert_eq!(again.expect(401)["code"], "credentials_invalid");
    let code = scene.code(&begin).await;
    app.advance(60);
    scene.exchange(&code, VERIFIER).await.expect(401);
    let code = scene.code(&begin).await;
    app.advance(59);
    scene.exchange(&code, VERIFIER).await.expect(200);
    let events = scene
        .owner
        .get(&format!("{CONSOLE}/audit-events?action=sessions:create"))
        .await;
    let events = events.expect(200).to_string();
    assert!(
        events.contains("provider/google") && events.contains("credentials_invalid"),
        "{events}"
    );
    // Owners are told of the provider.
    app.work().await;
}

#[tokio::test]
async fn a_code_is_nothing_elsewhere_and_to_nobody_who_cannot_sign_in() {
    let app = TestApp::start().await;
    let scene = Scene::at(&app, "google").await;
    scene.sign_up("google").await;
    let begin = scene.application().await;
    let code = scene.code(&begin).await;
    let acme = app.tenant("acme").await;
    let given = json!({ "code": code, "verifier": VERIFIER });
    acme.anybody().post("/api/auth/exchange", &given).await.expect(401);
    for wrong in [format!("{code}x"), code[1..].to_owned(), "x".to_owned()] {
        scene.exchange(&wrong, VERIFIER).await.expect(401);
    }
    scene
        .owner
        .post(&format!("{USERS}/ada/disable"), &Value::Null)
        .await
        .expect(200);
    scene.exchange(&code, VERIFIER).await.expect(401);
    scene
        .owner
        .post(&format!("{USERS}/ada/enable"), &Value::Null)
        .await
        .expect(200);
    // The control: a new one, as that one is used up.
    let code = scene.code(&begin).await;
    scene.exchange(&code, VERIFIER).await.expect(200);
}

#[tokio::test]
async fn of_fifty_twins_of_a_code_one_gets_tokens() {
    let app = TestApp::start().await;
    let scene = Scene::at(&app, "google").await;
    scene.sign_up("google").await;
    let begin = scene.application().await;
    let code = scene.code(&begin).await;
    let twins = (0..50).map(|_| scene.exchange(&code, VERIFIER));
    let came = futures_util::future::join_all(twins).await;
    let won = came.iter().filter(|reply| reply.status == 200).count();
    let lost = came.iter().filter(|reply| reply.status == 401).count();
    assert_eq!((won, lost), (1, 49));
}

#[tokio::test]
async fn a_code_goes_to_the_addresses_of_an_application_alone() {
    let app = TestApp::start().await;
    let scene = Scene::at(&app, "google").await;
    scene.sign_up("google").await;
    let begin = scene.application().await;
    let browser = app.default_tenant().browser();
    let registered = "https://app.example.com/back?kept=1";
    let encoded: String = url::form_urlencoded::byte_serialize(registered.as_bytes()).collect();
    let came = scene
        .through(&browser, &format!("{begin}&return_to={encoded}"), ada())
        .await;
    assert!(
        came.leads().starts_with(&format!("{registered}&code=")),
        "{}",
        came.leads()
    );
    for (path, field) in [
        (format!("{begin}&return_to=https://evil.example.com/"), "return_to"),
        (format!("{begin}&return_to={HOME}/more"), "return_to"),
        (format!("{begin}&return_to=/console/"), "return_to"),
        (begin.replace("shop", "nobody"), "client_id"),
        (begin.replace("shop", "tenantry-console"), "client_id"),
        (begin.replace("client_id=shop&", ""), "client_id"),
        (begin.replace("challenge=", "challenge=x"), "challenge"),
    ] {
        let refused = browser.open(&path).await.expect(400, field);
        assert_eq!(refused.reply.json()["statusCode"], 400, "{path}");
    }
    let begun = parameters(&browser.open(&begin).await);
    scene.sign(&scene.claims(&begun, &ada()));
    let disable = format!("{CONSOLE}/applications/shop/disable");
    scene.owner.post(&disable, &Value::Null).await.expect(200);
    browser.open(&begin).await.expect(400, "client_id");
    // It was begun before.
    let back = scene.back(&begun).replace("/login/with/corp/", "/api/auth/google/");
    browser.open(&back).await.expect(400, "client_id");
}

#[tokio::test]
async fn an_application_that_names_a_provider_spares_the_page_to_sign_in() {
    let app = TestApp::start().await;
    let scene = Scene::at(&app, "corp").await;
    scene.application().await;
    let request = format!(
        "/oauth2/authorize?client_id=shop&redirect_uri=https%3A%2F%2Fapp.example.com%2Fback%3Fkept%3D1&response_type=code\
         &scope=openid&state=s-1&code_challenge={}&code_challenge_method=S256&provider=",
        challenge()
    );
    let browser = app.default_tenant().browser();
    let sent = browser.open(&format!("{request}corp")).await;
    assert!(
        sent.leads().starts_with("/login/with/corp?return_to="),
        "{}",
        sent.leads()
    );
    let waits = scene.come_from(&browser, sent.leads(), ada()).await;
    let page = browser.request(Method::GET, waits.leads(), None).await;
    let made = browser.submit(&page, &[]).await;
    assert!(made.leads().starts_with("/oauth2/authorize?"), "{}", made.leads());
    let asked = browser.open(made.leads()).await;
    assert!(asked.leads().starts_with("/login/consent?"), "{}", asked.leads());
    // Who is signed in already goes to nobody.
    let again = browser.open(&format!("{request}corp")).await;
    assert!(again.leads().starts_with("/login/consent?"), "{}", again.leads());
    let sent = browser.open(&format!("{request}corp&prompt=login")).await;
    assert!(sent.leads().starts_with("/login/with/corp?"), "{}", sent.leads());

    let another = app.default_tenant().browser();
    let sent = another.open(&format!("{request}nowhere")).await;
    another.open(sent.leads()).await.expect(404, "is not offered here");
    let sent = another.open(&format!("{request}No+name")).await;
    assert!(sent.leads().contains("error=invalid_request"), "{}", sent.leads());
    // Who came back without being signed in chooses for themself.
    let sent = another.open(&format!("{request}corp")).await;
    let back = parameters(&sent)["return_to"].clone();
    let sent = another.open(&back).await;
    assert!(sent.leads().starts_with("/login?"), "{}", sent.leads());
}
