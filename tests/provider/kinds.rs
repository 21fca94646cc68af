//! The makers' kinds of providers: each has its own words for who somebody is, and for whose an address is.

use super::{parameters, patch, set_up, who};
use crate::support::{
    Person, TestApp,
    browser::{Browser, Page},
    issuer::Issuer,
    roles::USERS,
};
use reqwest::Method;
use serde_json::{Value, json};

const DIRECTORY: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const OTHER: &str = "11111111-2222-3333-4444-555555555555";

/// A tenant with a provider of a kind, which answers as the maker does.
pub(super) struct Maker<'a> {
    pub(super) owner: Person<'a>,
    pub(super) issuer: Issuer,
    pub(super) app: &'a TestApp,
    pub(super) kind: &'static str,
}

impl<'a> Maker<'a> {
    pub(super) async fn new(app: &'a TestApp, kind: &'static str, more: Value) -> Self {
        let owner = app.default_tenant().owner().await;
        let issuer = Issuer::start();
        if kind == "microsoft" {
            let mut metadata = issuer.metadata();
            metadata["issuer"] = json!(format!("{}/{{tenantid}}/v2.0", issuer.base));
            issuer.can("/common/v2.0/.well-known/openid-configuration", 200, &metadata);
        }
        let mut spec = json!({ "kind": kind });
        spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        set_up(&owner, kind, &issuer.base, spec).await;
        Self {
            owner,
            issuer,
            app,
            kind,
        }
    }

    fn path(&self) -> String {
        format!("/login/with/{}", self.kind)
    }

    /// Comes back as somebody of whom an ID token says this.
    pub(super) async fn come(&self, browser: &Browser<'_>, more: &Value) -> Page {
        let begun = parameters(&browser.open(&self.path()).await);
        let now = self.app.clock.now().timestamp();
        let mut claims = json!({
            "iss": self.issuer.base, "aud": "rp", "sub": "sub-1", "iat": now, "exp": now + 300,
            "nonce": begun["nonce"],
        });
        claims
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.issuer
            .gives(&self.issuer.key.sign(&self.issuer.key.header(), &claims.to_string()));
        let state = &begun["state"];
        let back = format!("{}/callback?code=c-1&state={state}", self.path());
        match self.kind {
            "apple" => self.post(browser, state).await,
            "google" | "microsoft" => browser.open(&format!("{back}&iss={}", self.issuer.base)).await,
            _ => browser.open(&back).await,
        }
    }

    /// Comes back by the two posts of `form_post`: of the maker's page, and of ours.
    async fn post(&self, browser: &Browser<'_>, state: &str) -> Page {
        let user = r#"{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"eve@evil.example"}"#;
        let fields = [
            ("code", "c-1"),
            ("state", state),
            ("iss", &*self.issuer.base),
            ("user", user),
            ("rubbish", "x"),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let mut elsewhere = self.app.default_tenant().browser();
        elsewhere
            .headers
            .insert("sec-fetch-site", "cross-site".parse().unwrap());
        let path = format!("{}/callback", self.path());
        let page = elsewhere.request(Method::POST, &path, Some(fields)).await;
        let page = page.expect(200, "document.forms[0].submit()");
        assert!(!page.reply.text.contains("rubbish"), "{}", page.reply.text);
        assert_eq!(page.reply.header("cache-control"), "no-store");
        browser.request(Method::POST, &path, Some(page.hidden())).await
    }

    /// Comes back to somebody without an ID token, of whom its addresses say these.
    pub(super) async fn come_asked(&self, browser: &Browser<'_>, said: &[(&str, u16, Value)]) -> Page {
        let begun = parameters(&browser.open(&self.path()).await);
        for (path, status, body) in said {
            self.issuer.can(path, *status, body);
        }
        browser
            .open(&format!("{}/callback?code=c-1&state={}", self.path(), begun["state"]))
            .await
    }
}

/// What the page says that asks about whoever came back.
pub(super) async fn asked(browser: &Browser<'_>, came: &Page) -> String {
    assert_eq!(came.leads(), "/login/identity", "{}", came.reply.text);
    browser.open("/login/identity").await.reply.text
}

/// Whether the address that the provider named counts: the account to be made is shown at once.
pub(super) async fn counts(browser: &Browser<'_>, came: &Page) -> bool {
    let page = asked(browser, came).await;
    assert!(page.contains("<form"), "{page}");
    page.contains("name=\"username\"")
}

#[tokio::test]
async fn google_gives_out_addresses_of_its_own_and_of_domains_that_it_hosts_and_of_no_others() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let maker = Maker::new(&app, "google", json!({})).await;
    for (claims, expected) in [
        (json!({ "email": "ada@gmail.com", "email_verified": true }), true),
        (
            json!({ "email": "ada@corp.example", "email_verified": true, "hd": "corp.example" }),
            true,
        ),
        (json!({ "email": "ada@corp.example", "email_verified": true }), false),
        (
            json!({ "email": "ada@gmail.com.evil.example", "email_verified": true }),
            false,
        ),
        (json!({ "email": "ada@gmail.com", "email_verified": "true" }), false),
        (
            json!({ "email": "ada@corp.example", "email_verified": false, "hd": "corp.example" }),
            false,
        ),
    ] {
        let browser = app.default_tenant().browser();
        let came = maker.come(&browser, &claims).await;
        assert_eq!(counts(&browser, &came).await, expected, "{claims}");
    }
    // The claim decides which domains are taken, and not the address.
    patch(&maker.owner, "google", json!({ "domains": ["corp.example"] }))
        .await
        .expect(200);
    let browser = app.default_tenant().browser();
    let begun = parameters(&browser.open("/login/with/google").await);
    assert_eq!(begun["hd"], "corp.example");
    let own = json!({ "email": "ada@corp.example", "email_verified": true, "hd": "corp.example" });
    assert!(counts(&browser, &maker.come(&browser, &own).await).await);
    let other = json!({ "email": "ada@corp.example", "email_verified": true, "hd": "evil.example" });
    assert_eq!(maker.come(&browser, &other).await.status(), 403);
    // Who once had an address of the domain may have an account with it that the domain did not give out.
    let once = json!({ "email": "eve@corp.example", "email_verified": true });
    assert_eq!(maker.come(&browser, &once).await.status(), 403);
    let (_, bare) = maker.issuer.base.split_once("://").unwrap();
    let also = json!({ "iss": bare, "email": "ada@corp.example", "email_verified": true, "hd": "corp.example" });
    assert!(counts(&browser, &maker.come(&browser, &also).await).await);
}

#[tokio::test]
async fn addresses_of_microsoft_prove_nothing_but_where_it_says_so() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let maker = Maker::new(&app, "microsoft", json!({})).await;
    for (more, expected) in [
        (json!({}), false),
        (json!({ "upn": "ada@corp.example" }), false),
        (json!({ "xms_edov": false }), false),
        (json!({ "xms_edov": 0 }), false),
        (json!({ "xms_edov": "yes" }), false),
        (json!({ "xms_edov": true }), true),
        (json!({ "xms_edov": 1 }), true),
        (json!({ "xms_edov": "1" }), true),
        (json!({ "xms_edov": "true" }), true),
        (json!({ "verified_primary_email": ["ada@corp.example"] }), true),
        (json!({ "verified_primary_email": ["bob@corp.example"] }), false),
    ] {
        let browser = app.default_tenant().browser();
        let came = maker.come(&browser, &of(&maker, DIRECTORY, &more)).await;
        assert_eq!(counts(&browser, &came).await, expected, "{more}");
    }
}

/// Claims of Microsoft about somebody of this directory.
fn of(maker: &Maker<'_>, tid: &str, more: &Value) -> Value {
    let mut claims = json!({
        "iss": format!("{}/{tid}/v2.0", maker.issuer.base), "tid": tid, "oid": "oid-1",
        "email": "ada@corp.example", "preferred_username": "ada@corp.example", "email_verified": true,
    });
    claims
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    claims
}

#[tokio::test]
async fn microsoft_means_a_person_of_a_directory() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let maker = Maker::new(&app, "microsoft", json!({})).await;
    // The issuer is that of the directory, and a person is one of a directory.
    let browser = app.default_tenant().browser();
    let mixed = of(&maker, DIRECTORY, &json!({ "tid": OTHER }));
    assert_eq!(maker.come(&browser, &mixed).await.status(), 502);
    assert_eq!(
        maker.come(&browser, &of(&maker, "nobody", &json!({}))).await.status(),
        502
    );
    assert_eq!(
        maker
            .come(&browser, &of(&maker, DIRECTORY, &json!({ "oid": null })))
            .await
            .status(),
        502
    );
    let made = of(
        &maker,
        DIRECTORY,
        &json!({ "xms_edov": true, "sub": "of-this-application" }),
    );
    asked(&browser, &maker.come(&browser, &made).await).await;
    browser.fill("/login/identity", &[]).await;
    assert_eq!(who(&browser).await, "ada");
    let list = maker.owner.get(&format!("{USERS}/ada/identities")).await.expect(200);
    assert_eq!(list["items"][0]["spec"]["subject"], format!("{DIRECTORY}.oid-1"));
    assert_eq!(list["items"][0]["spec"]["issuer"], made["iss"]);
    let another = app.default_tenant().browser();
    let same = of(
        &maker,
        DIRECTORY,
        &json!({ "sub": "of-another-application", "email": "new@corp.example" }),
    );
    maker.come(&another, &same).await;
    assert_eq!(who(&another).await, "ada");
    let foreign = of(&maker, OTHER, &json!({ "xms_edov": true, "email": "eve@corp.example" }));
    let eve = app.default_tenant().browser();
    maker.come(&eve, &foreign).await;
    assert_eq!(who(&eve).await, "", "the same number in another directory");
    patch(&maker.owner, "microsoft", json!({ "upstreams": [DIRECTORY] }))
        .await
        .expect(200);
    assert_eq!(maker.come(&eve, &foreign).await.status(), 403);
}

#[tokio::test]
async fn a_key_of_one_directory_signs_for_no_other() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let maker = Maker::new(&app, "microsoft", json!({})).await;
    let mut key = maker.issuer.key.jwk();
    for (of, status) in [(OTHER, 502), (DIRECTORY, 303), ("{tenantid}", 303)] {
        key["issuer"] = json!(format!("{}/{of}/v2.0", maker.issuer.base));
        maker.issuer.can("/jwks", 200, &json!({ "keys": [key] }));
        app.advance(24 * 3600 + 1);
        let claims = json!({ "iss": format!("{}/{DIRECTORY}/v2.0", maker.issuer.base), "tid": DIRECTORY, "oid": "1" });
        let browser = app.default_tenant().browser();
        assert_eq!(maker.come(&browser, &claims).await.status(), status, "{of}");
    }
}
