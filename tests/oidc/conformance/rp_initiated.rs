//! `oidcc-rp-initiated-logout-certification-test-plan`.
//!
//! What no test here covers: the suite registers its client by itself, and has a person look at the pages.

use crate::{
    oidc::flow::{browser_of, code, follow, redeem, request, shop},
    oidc::{decode, published},
    support::{Person, TestApp, browser::Browser, browser::Page},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

const BYE: &str = "https://shop.example/bye";

/// Somebody who is signed in to an application, and the ID token that it has.
struct Scene<'a> {
    browser: Browser<'a>,
    hint: String,
}

async fn scene<'a>(owner: &Person<'a>) -> Scene<'a> {
    let secret = shop(owner, json!({ "postLogoutRedirectUris": [BYE] })).await;
    let browser = browser_of(owner).await;
    let one = code(&browser, &request("shop", &[])).await;
    let tokens = redeem(&owner.tenant, ("shop", &secret), &one, &[]).await.expect(200);
    let hint = tokens["id_token"].as_str().unwrap().to_owned();
    Scene { browser, hint }
}

impl Scene<'_> {
    async fn send(&self, pairs: &[(&str, &str)]) -> Page {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        self.browser.open(&format!("/oauth2/logout?{query}")).await
    }

    async fn is_signed_in(&self) -> bool {
        let sent = self.browser.open(&request("shop", &[("prompt", "none")])).await;
        let leads = sent.leads();
        assert!(
            leads.contains("code=") || leads.contains("error=login_required"),
            "{leads}"
        );
        leads.contains("code=")
    }

    /// The page asks, and says that somebody is signed out once they said so; it leads nowhere else.
    async fn asks(&self, pairs: &[(&str, &str)]) -> Page {
        let sent = self.send(pairs).await;
        assert!(
            sent.leads().starts_with("/login/sign-out"),
            "{pairs:?} {}",
            sent.leads()
        );
        assert!(self.is_signed_in().await, "{pairs:?}");
        let page = follow(&self.browser, &sent)
            .await
            .expect(200, "Sign out with this browser?");
        let done = self.browser.submit(&page, &[]).await.expect(200, "You are signed out");
        assert!(!self.is_signed_in().await, "{pairs:?}");
        done
    }

    /// It is a page that says what is wrong, and nobody is signed out.
    async fn refuses(&self, pairs: &[(&str, &str)]) {
        let page = self.send(pairs).await;
        assert_eq!(page.status(), 400, "{pairs:?} {}", page.reply.text);
        assert!(page.reply.header("content-type").starts_with("text/html"), "{pairs:?}");
        assert!(page.reply.headers.get("location").is_none(), "{pairs:?}");
        assert!(self.is_signed_in().await, "{pairs:?}");
    }

    /// Somebody is signed out at once, and is told so by a page of ours.
    async fn ends_with_a_page(&self, pairs: &[(&str, &str)]) {
        let sent = self.send(pairs).await;
        assert_eq!(sent.leads(), "/login/sign-out");
        follow(&self.browser, &sent).await.expect(200, "You are signed out");
        assert!(!self.is_signed_in().await);
    }
}

/// Not covered: that the suite's own pages are shown to a person.
#[tokio::test]
async fn oidcc_rp_initiated_logout() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let scene = scene(&owner).await;
    let all = [
        ("id_token_hint", &*scene.hint),
        ("post_logout_redirect_uri", BYE),
        ("state", "x y"),
    ];
    assert!(scene.is_signed_in().await);
    assert_eq!(scene.send(&all).await.leads(), format!("{BYE}?state=x+y"));
    assert!(!scene.is_signed_in().await);
}

/// Not covered: nothing.
#[tokio::test]
async fn oidcc_rp_initiated_logout_discovery_endpoint_verification() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let found = tenant
        .anybody()
        .get("/.well-known/openid-configuration")
        .await
        .expect(200);
    assert_eq!(found["issuer"], tenant.base);
    assert_eq!(found["end_session_endpoint"], format!("{}/oauth2/logout", tenant.base));
}

/// Not covered: that a person reads the page.
#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let scene = scene(&owner).await;
    for bad in [
        "https://shop.example/bye/x",
        "https://evil.example/bye",
        "https://shop.example/callback",
    ] {
        let hint = ("id_token_hint", &*scene.hint);
        scene
            .refuses(&[hint, ("post_logout_redirect_uri", bad), ("state", "x")])
            .await;
    }
}

/// Not covered: that a person reads the page.
#[tokio::test]
async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let scene = scene(&owner).await;
    let added = format!("{BYE}?dummy=1");
    let hint = ("id_token_hint", &*scene.hint);
    scene
        .refuses(&[hint, ("post_logout_redirect_uri", &added), ("state", "x")])
        .await;
}

/// Not covered: that a person reads the page.
#[tokio::test]
async fn oidcc_rp_initiated_logout_modified_id_token_hint() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let scene = scene(&owner).await;
    let (header, mut claims) = decode(&scene.hint);
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let (_, signature) = scene.hint.rsplit_once('.').unwrap();
    let unsigned = json!({ "alg": "none", "typ": "JWT", "kid": header["kid"] });
    let without = format!("{}.{}.", encode(&unsigned), encode(&claims));
    claims["sub"] = json!("somebody-else");
    let changed = format!("{}.{}.{signature}", encode(&header), encode(&claims));
    for modified in [changed, without] {
        let hint = ("id_token_hint", &*modified);
        scene
            .refuses(&[hint, ("post_logout_redirect_uri", BYE), ("state", "x")])
            .await;
    }
}

/// Not covered: that a person reads the page.
#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_id_token_hint() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let scene = scene(&owner).await;
    // Signed by somebody else, who says that it was one of our keys.
    let kid = published(&tenant).await[0]["kid"].as_str().unwrap().to_owned();
    let header = jsonwebtoken::Header {
        kid: Some(kid),
        ..jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256)
    };
    let (_, claims) = decode(&scene.hint);
    let key = jsonwebtoken::EncodingKey::from_secret(b"the suite's own key");
    let signed = jsonwebtoken::encode(&header, &claims, &key).unwrap();
    let hint = ("id_token_hint", &*signed);
    scene
        .refuses(&[hint, ("post_logout_redirect_uri", BYE), ("state", "x")])
        .await;
}

/// Not covered: that a person reads the page.
#[tokio::test]
async fn oidcc_rp_initiated_logout_no_id_token_hint() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let scene = scene(&owner).await;
    let done = scene.asks(&[("post_logout_redirect_uri", BYE), ("state", "x")]).await;
    assert!(!done.reply.text.contains("shop.example"), "{}", done.reply.text);
}

/// Not covered: that a person reads the page.
#[tokio::test]
async fn oidcc_rp_initiated_logout_no_params() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let scene = scene(&owner).await;
    scene.asks(&[]).await;
}

/// Not covered: that a person reads the page.
#[tokio::test]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let scene = scene(&owner).await;
    let hint = ("id_token_hint", &*scene.hint);
    scene.ends_with_a_page(&[hint, ("state", "x")]).await;
}

/// Not covered: nothing.
#[tokio::test]
async fn oidcc_rp_initiated_logout_no_state() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let scene = scene(&owner).await;
    let hint = ("id_token_hint", &*scene.hint);
    let sent = scene.send(&[hint, ("post_logout_redirect_uri", BYE)]).await;
    assert_eq!(sent.leads(), BYE);
    assert!(!scene.is_signed_in().await);
}

/// Not covered: that a person reads the page.
#[tokio::test]
async fn oidcc_rp_initiated_logout_only_state() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let scene = scene(&owner).await;
    scene.asks(&[("state", "x")]).await;
}
