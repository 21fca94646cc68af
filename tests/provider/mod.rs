//! Signing in through providers.

pub(crate) mod addresses;
mod answers;
mod config;
mod flow;
mod identities;
mod kinds;
mod linking;
mod makers;
mod matrix;
mod private_key;
mod tenants;
mod trial;

use crate::support::{
    PASSWORD, Person, Reply, TestApp,
    browser::{Browser, Page},
    issuer::Issuer,
    roles::CONSOLE,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

pub(crate) const CONFIGS: &str = "/apis/console/v1alpha1/auth-provider-configs";

/// Sets up a provider of this name and lets people sign in through it.
pub(crate) async fn set_up(owner: &Person<'_>, name: &str, issuer: &str, spec: Value) {
    let mut whole = json!({
        "kind": "oidc", "displayName": "Corp", "clientId": "rp", "clientSecret": "hush hush", "issuer": issuer,
    });
    whole.as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
    let new = json!({ "metadata": { "name": name }, "spec": whole });
    owner.post(CONFIGS, &new).await.expect(200);
    switch(owner, name, "enable").await.expect(200);
}

/// The issuer of the provider of this name: the same each time, for it does not change once it has identities.
fn issuer_of(owner: &Person<'_>, name: &str) -> Arc<Issuer> {
    static ALL: Mutex<BTreeMap<(String, String), Arc<Issuer>>> = Mutex::new(BTreeMap::new());
    let key = (owner.tenant.base.clone(), name.to_owned());
    let issuer = || Arc::new(Issuer::start());
    ALL.lock().unwrap().entry(key).or_insert_with(issuer).clone()
}

/// Links a user to an identity of this subject at the provider of this name, which is made if it is not there, and
/// returns the provider's id.
pub(crate) async fn use_provider(owner: &Person<'_>, user: &str, name: &str, subject: &str) -> String {
    let issuer = issuer_of(owner, name);
    if owner.get(&format!("{CONFIGS}/{name}")).await.status == 404 {
        set_up(owner, name, &issuer.base, json!({})).await;
    } else {
        let spec = json!({ "clientId": "rp", "issuer": issuer.base, "clientSecret": "hush hush" });
        patch(owner, name, spec).await.expect(200);
        switch(owner, name, "enable").await.expect(200);
    }
    let browser = owner.tenant.browser();
    browser.sign_in(user, PASSWORD).await;
    let path = format!("/login/with/{name}?purpose=link");
    let begun = parameters(&browser.fill(&path, &[]).await);
    let now = owner.tenant.app.clock.now().timestamp();
    let claims = json!({
        "iss": issuer.base, "aud": "rp", "sub": subject, "iat": now, "exp": now + 300, "nonce": begun["nonce"],
        "preferred_username": "ada.there",
    });
    issuer.gives(&issuer.key.sign(&issuer.key.header(), &claims.to_string()));
    let answer = [("code", "c-1"), ("state", &*begun["state"]), ("iss", &*issuer.base)];
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(answer)
        .finish();
    let back = browser.open(&format!("/login/with/{name}/callback?{query}")).await;
    assert!(back.leads().ends_with("/console/"), "{}", back.leads());
    let person = owner.tenant.sign_in(user).await;
    let links = person
        .post("/auth/v1/users/me/idps/_search", &json!({}))
        .await
        .expect(200);
    let mut links = links["result"].as_array().unwrap().iter();
    let linked = links.find(|link| link["providedUserId"] == subject).unwrap();
    linked["idpId"].as_str().unwrap().to_owned()
}

/// Enables or disables a provider.
async fn switch(owner: &Person<'_>, name: &str, how: &str) -> Reply {
    owner
        .put(&format!("{CONSOLE}/auth-providers/{name}/{how}"), &Value::Null)
        .await
}

async fn patch(owner: &Person<'_>, name: &str, spec: Value) -> Reply {
    let request = owner.request(Method::PATCH, &format!("{CONFIGS}/{name}"));
    owner.send(request.json(&json!({ "spec": spec }))).await
}

/// The parameters of the address that a page leads to.
#[track_caller]
fn parameters(page: &Page) -> BTreeMap<String, String> {
    let (_, query) = page.leads().split_once('?').expect("an address with a query");
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// A tenant that trusts an issuer of somebody else.
struct Scene<'a> {
    owner: Person<'a>,
    issuer: Issuer,
    app: &'a TestApp,
}

impl<'a> Scene<'a> {
    async fn new(app: &'a TestApp, spec: Value) -> Self {
        let owner = app.default_tenant().owner().await;
        let issuer = Issuer::start();
        set_up(&owner, "corp", &issuer.base, spec).await;
        Self { owner, issuer, app }
    }

    /// The claims of a good token for this sign-in, of somebody with this subject.
    fn claims(&self, begun: &BTreeMap<String, String>, more: &Value) -> Value {
        let now = self.app.clock.now().timestamp();
        let mut claims = json!({
            "iss": self.issuer.base, "aud": "rp", "sub": "sub-1", "iat": now, "exp": now + 300,
            "nonce": begun["nonce"], "email": "ada@example.com",
        });
        claims
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        claims
    }

    /// Gives a token with these claims for the next code.
    fn sign(&self, claims: &Value) {
        let key = &self.issuer.key;
        self.issuer.gives(&key.sign(&key.header(), &claims.to_string()));
    }

    fn back(&self, begun: &BTreeMap<String, String>) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("code", "c-1"),
                ("state", &*begun["state"]),
                ("iss", &*self.issuer.base),
            ])
            .finish();
        format!("/login/with/corp/callback?{query}")
    }

    /// Goes to the provider and comes back as somebody of whom it says this.
    async fn come(&self, browser: &Browser<'_>, more: Value) -> Page {
        self.come_from(browser, "/login/with/corp", more).await
    }

    async fn come_from(&self, browser: &Browser<'_>, path: &str, more: Value) -> Page {
        let begun = parameters(&browser.open(path).await);
        self.sign(&self.claims(&begun, &more));
        browser.open(&self.back(&begun)).await
    }

    /// Signs up somebody new whose address counts as good.
    async fn join(&self, browser: &Browser<'_>, subject: &str, email: &str) -> Page {
        let claims = json!({ "sub": subject, "email": email, "email_verified": true, "name": "Ada" });
        let waits = self.come(browser, claims).await;
        assert_eq!(waits.leads(), "/login/identity");
        let form = browser.open("/login/identity").await.expect(200, email);
        browser.submit(&form, &[]).await
    }
}

/// Settings by which addresses of example.com count as proven.
fn trusting() -> Value {
    json!({ "emailTrust": "claim", "domains": ["example.com"] })
}

/// Who is signed in in a browser.
async fn who(browser: &Browser<'_>) -> String {
    let page = browser.open("/login").await;
    let text = page.reply.text;
    let rest = text.split("signed in as ").nth(1).unwrap_or_default();
    rest.split(".<")
        .next()
        .unwrap_or_default()
        .trim_end_matches('.')
        .to_owned()
}
