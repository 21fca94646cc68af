//! The client of a plan, the server it is a client of, and somebody who signs in.

use crate::{
    oidc::{
        TOKEN,
        flow::{CALLBACK, USERINFO, follow},
        post_form, published, verify,
    },
    support::{PASSWORD, Reply, Tenant, TestApp, browser::Browser, browser::Page, roles::make_user},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How the plan has its requests answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Query,
    FormPost,
}

/// A plan: `client` is confidential, needs no PKCE, and may have every standard scope.
pub(super) struct Plan {
    pub(super) app: TestApp,
    secret: String,
    mode: Mode,
}

/// What the client gets.
pub(super) type Answer = BTreeMap<String, String>;

impl Plan {
    pub(super) async fn start(mode: Mode) -> Self {
        let app = TestApp::start().await;
        let tenant = app.default_tenant();
        let owner = tenant.owner().await;
        let spec = json!({
            "redirectUris": [CALLBACK], "firstParty": true, "requirePkce": false,
            "scopes": ["openid", "profile", "email", "phone", "offline_access"],
        });
        crate::application::make(&owner, "client", "web-server", spec).await;
        let secret = crate::application::secret_of(&owner, "client").await.1;
        make_user(&owner, "ada", "").await;
        let profile = json!({ "displayName": "Ada Lovelace", "phone": "+44 20 7946 0000" });
        owner
            .send(
                owner
                    .request(Method::PATCH, "/apis/console/v1alpha1/users/ada")
                    .header("content-type", "application/merge-patch+json")
                    .body(json!({ "spec": profile }).to_string()),
            )
            .await
            .expect(200);
        Self { app, secret, mode }
    }

    pub(super) fn tenant(&self) -> Tenant<'_> {
        self.app.default_tenant()
    }

    pub(super) fn by(&self) -> (&str, &str) {
        ("client", &self.secret)
    }

    /// The parameters of a request, with these instead; one without a value is left out.
    pub(super) fn pairs<'a>(&self, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let mut pairs: BTreeMap<&str, &str> = BTreeMap::from([
            ("client_id", "client"),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid"),
            ("state", "s-1"),
            ("nonce", "n-1"),
        ]);
        if self.mode == Mode::FormPost {
            pairs.insert("response_mode", "form_post");
        }
        pairs.extend(more.iter().copied());
        pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }

    /// Sends somebody with a request, and returns the page they are shown.
    pub(super) async fn send(&self, browser: &Browser<'_>, more: &[(&str, &str)]) -> Page {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(self.pairs(more))
            .finish();
        browser.open(&format!("/oauth2/authorize?{query}")).await
    }

    /// What the client is told by a page, in the mode of the plan.
    #[track_caller]
    pub(super) fn told(&self, page: &Page) -> Answer {
        match self.mode {
            Mode::Query => crate::oidc::flow::told(page),
            Mode::FormPost => {
                assert_eq!(page.status(), 200, "{}", page.reply.text);
                let policy = page.reply.header("content-security-policy");
                assert!(policy.contains("form-action https://shop.example;"), "{policy}");
                page.hidden().into_iter().collect()
            }
        }
    }

    /// Signs somebody in where a request sent them, and returns what the client is told.
    pub(super) async fn sign_in(&self, browser: &Browser<'_>, sent: &Page) -> Answer {
        let form = follow(browser, sent).await.expect(200, "name=\"password\"");
        let typed = [("username", "ada"), ("password", PASSWORD)];
        let done = browser.submit(&form, &typed).await;
        self.told(&follow(browser, &done).await)
    }

    /// The whole way to the tokens, for somebody who is not signed in.
    pub(super) async fn tokens(&self, browser: &Browser<'_>, more: &[(&str, &str)]) -> Value {
        let sent = self.send(browser, more).await;
        let answer = self.sign_in(browser, &sent).await;
        self.redeem(&answer).await.expect(200)
    }

    /// The same for somebody who is.
    pub(super) async fn tokens_again(&self, browser: &Browser<'_>, more: &[(&str, &str)]) -> Value {
        let answer = self.told(&self.send(browser, more).await);
        self.redeem(&answer).await.expect(200)
    }

    /// Comes for the tokens of an answer.
    pub(super) async fn redeem(&self, answer: &Answer) -> Reply {
        assert_eq!(answer.get("state").map(String::as_str), Some("s-1"), "{answer:?}");
        assert_eq!(answer.get("iss"), Some(&self.app.base), "{answer:?}");
        let code = answer.get("code").unwrap_or_else(|| panic!("{answer:?}"));
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
        ];
        post_form(&self.tenant(), TOKEN, Some(self.by()), &form).await
    }

    /// The claims of the ID token, whose signature is good.
    pub(super) async fn id(&self, tokens: &Value) -> Value {
        let keys = published(&self.tenant()).await;
        let claims = verify(tokens["id_token"].as_str().unwrap(), &keys);
        assert_eq!(
            (&claims["iss"], &claims["aud"]),
            (&json!(self.app.base), &json!("client"))
        );
        claims
    }

    /// What userinfo says.
    pub(super) async fn userinfo(&self, tokens: &Value) -> Value {
        let token = tokens["access_token"].as_str().unwrap();
        crate::oidc::call(&self.tenant(), Method::GET, USERINFO, token)
            .await
            .expect(200)
    }
}
