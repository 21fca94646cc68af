//! The makers that give no ID tokens, and Apple.

use super::{
    CONFIGS,
    kinds::{Maker, asked, counts},
    parameters, patch, switch, who,
};
use crate::support::{
    TestApp,
    issuer::Issuer,
    roles::{allow, make_person, make_role, wrong_fields},
};
use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use reqwest::Method;
use serde_json::{Value, json};

const DIRECTORY: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

/// What GitHub answers about somebody.
fn said(id: i64, login: &str, emails: (u16, Value)) -> [(&'static str, u16, Value); 3] {
    let token = json!({ "access_token": "gho_1", "token_type": "bearer", "scope": "read:user,user:email" });
    let user =
        json!({ "id": id, "login": login, "name": "Ada", "email": "public@example.com", "email_verified": true });
    [
        ("/login/oauth/access_token", 200, token),
        ("/api/v3/user", 200, user),
        ("/api/v3/user/emails", emails.0, emails.1),
    ]
}

fn one(email: &str, primary: bool, verified: bool) -> Value {
    json!({ "email": email, "primary": primary, "verified": verified })
}

#[tokio::test]
async fn github_proves_the_primary_address_alone() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let maker = Maker::new(&app, "github", json!({})).await;
    for (emails, expected) in [
        (
            (
                200,
                json!([one("old@example.com", false, true), one("ada@example.com", true, true)]),
            ),
            true,
        ),
        ((200, json!([one("ada@example.com", true, false)])), false),
        ((200, json!([one("ada@example.com", false, true)])), false),
        ((200, json!([one("1+ada@users.noreply.github.com", true, true)])), false),
        ((200, json!([])), false),
        ((404, json!({ "message": "Not Found" })), false),
        ((403, json!({ "message": "Forbidden" })), false),
    ] {
        let browser = app.default_tenant().browser();
        let came = maker.come_asked(&browser, &said(7, "ada", emails.clone())).await;
        assert_eq!(counts(&browser, &came).await, expected, "{emails:?}");
    }
    assert_eq!(
        maker.issuer.last("/login/oauth/access_token")["client_secret"],
        "hush hush"
    );
}

#[tokio::test]
async fn github_means_a_number_whatever_its_login() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let maker = Maker::new(&app, "github", json!({})).await;
    let mine = (200, json!([one("ada@example.com", true, true)]));
    let browser = app.default_tenant().browser();
    maker.come_asked(&browser, &said(7, "ada", mine.clone())).await;
    browser.fill("/login/identity", &[]).await;
    assert_eq!(who(&browser).await, "ada");
    // Renamed, she is who she was; who took her old login is not.
    let renamed = app.default_tenant().browser();
    maker.come_asked(&renamed, &said(7, "countess", mine)).await;
    assert_eq!(who(&renamed).await, "ada");
    let taken = app.default_tenant().browser();
    let none = (200, json!([]));
    maker.come_asked(&taken, &said(8, "ada", none.clone())).await;
    assert_eq!(who(&taken).await, "");
    for (token, status) in [
        (
            json!({ "error": "bad_verification_code", "error_description": "The code is incorrect" }),
            400,
        ),
        (json!({ "error": "incorrect_client_credentials" }), 502),
        (json!({ "error": "redirect_uri_mismatch" }), 502),
        (json!({ "token_type": "bearer" }), 502),
    ] {
        let mut wrong = said(7, "ada", none.clone());
        wrong[0].2 = token.clone();
        assert_eq!(maker.come_asked(&taken, &wrong).await.status(), status, "{token}");
    }
    for id in [json!("7"), json!(7.5), json!(-7), json!(null)] {
        let mut wrong = said(7, "ada", none.clone());
        wrong[1].2["id"] = id.clone();
        assert_eq!(maker.come_asked(&taken, &wrong).await.status(), 502, "{id}");
    }
}

#[tokio::test]
async fn facebook_is_asked_with_a_proof_and_its_addresses_prove_nothing() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let maker = Maker::new(&app, "facebook", json!({})).await;
    let said = |me: Value| {
        let token = json!({ "access_token": "EAAB", "token_type": "bearer", "expires_in": 5_183_944 });
        [("/v26.0/oauth/access_token", 200, token), ("/v26.0/me", 200, me)]
    };
    for me in [
        json!({ "id": "10", "name": "Ada", "email": "ada@example.com", "email_verified": true, "verified": true }),
        json!({ "id": "10", "name": "Ada" }),
    ] {
        let browser = app.default_tenant().browser();
        let came = maker.come_asked(&browser, &said(me.clone())).await;
        assert!(!counts(&browser, &came).await, "{me}");
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"hush hush");
    let tag = hmac::sign(&key, b"EAAB");
    let proof = tag
        .as_ref()
        .iter()
        .fold(String::new(), |proof, byte| format!("{proof}{byte:02x}"));
    assert!(
        maker
            .issuer
            .last_query("/v26.0/me")
            .contains(&format!("appsecret_proof={proof}"))
    );
    let refusal =
        json!({ "error": { "message": "Error validating client secret.", "type": "OAuthException", "code": 101 } });
    let browser = app.default_tenant().browser();
    let wrong = [("/v26.0/oauth/access_token", 400, refusal)];
    assert_eq!(maker.come_asked(&browser, &wrong).await.status(), 502);
    let trusting = patch(&maker.owner, "facebook", json!({ "emailTrust": "claim" })).await;
    assert_eq!(trusting.problem().0, 400);
}

/// A key as Apple gives it, in one line.
pub(super) fn key() -> String {
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    format!(
        "-----BEGIN PRIVATE KEY-----{}-----END PRIVATE KEY-----",
        STANDARD.encode(key.as_ref())
    )
}

#[tokio::test]
async fn apple_comes_back_by_post_and_its_secret_is_signed_anew_each_time() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let spec = json!({ "clientSecret": key(), "appleTeamId": "ABCDE12345", "appleKeyId": "KEY1234567" });
    let maker = Maker::new(&app, "apple", spec).await;
    let browser = app.default_tenant().browser();
    let begun = parameters(&browser.open("/login/with/apple").await);
    assert_eq!(begun["response_mode"], "form_post");
    let claims =
        json!({ "email": "x1@privaterelay.appleid.com", "email_verified": "true", "is_private_email": "true" });
    let came = maker.come(&browser, &claims).await;
    let page = asked(&browser, &came).await;
    assert!(
        page.contains("Ada Lovelace") && page.contains("x1@privaterelay.appleid.com"),
        "{page}"
    );
    assert!(!page.contains("eve@evil.example"), "{page}");
    let secret = maker.issuer.last("/token")["client_secret"].clone();
    let part = |at: usize| -> Value {
        let part = secret.split('.').nth(at).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!(
        (&part(0)["alg"], &part(0)["kid"]),
        (&json!("ES256"), &json!("KEY1234567"))
    );
    let now = app.clock.now().timestamp();
    let expected = json!({ "iss": "ABCDE12345", "sub": "rp", "aud": maker.issuer.base, "iat": now, "exp": now + 300 });
    assert_eq!(part(1), expected);
    // The second post is what counts: with the cookie, and from our own page.
    let begun = parameters(&browser.open("/login/with/apple").await);
    let fields = [("code", "c-1"), ("state", &*begun["state"]), ("again", "1")];
    let fields: Vec<_> = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let mut forged = app.default_tenant().browser();
    forged.cookies.clone_from(&browser.cookies);
    forged.headers.insert("sec-fetch-site", "cross-site".parse().unwrap());
    let path = "/login/with/apple/callback";
    let page = forged.request(Method::POST, path, Some(fields.clone())).await;
    page.expect(200, "document.forms[0].submit()");
    let nobody = app.default_tenant().browser();
    let page = nobody.request(Method::POST, path, Some(fields)).await;
    assert_eq!(page.status(), 400);
    let twice = [("state", "a"), ("state", "b")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let page = nobody.request(Method::POST, path, Some(twice.to_vec())).await;
    assert_eq!(page.status(), 400);
    let wrong = patch(&maker.owner, "apple", json!({ "clientSecret": "no key" })).await;
    assert_eq!(wrong.problem().0, 400);
}

#[tokio::test]
async fn a_provider_without_id_tokens_says_who_somebody_is_where_an_administrator_says() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let owner = app.default_tenant().owner().await;
    let issuer = Issuer::start();
    let at = |path: &str| format!("{}{path}", issuer.base);
    let new = json!({
        "metadata": { "name": "forum" },
        "spec": {
            "kind": "oauth2", "displayName": "Forum", "clientId": "rp", "clientSecret": "hush hush",
            "authorizeUrl": at("/a"), "tokenUrl": at("/t"), "scopes": [],
            "claims": { "email": "data.user.mail", "preferredUsername": "data.user.nick" },
        },
    });
    let made = owner.post(CONFIGS, &new).await.expect(200);
    assert_eq!(made["status"]["missing"], json!(["userinfoUrl", "claims.sub"]));
    let whole = json!({
        "userinfoUrl": at("/me"),
        "claims": { "sub": "data.user.id", "email": "data.user.mail", "preferredUsername": "data.user.nick" },
        "clientSecret": "hush hush",
    });
    patch(&owner, "forum", whole).await.expect(200);
    switch(&owner, "forum", "enable").await.expect(200);
    let maker = Maker {
        owner,
        issuer,
        app: &app,
        kind: "forum",
    };
    let said = |id: &Value| {
        let me = json!({ "data": { "user": { "id": id, "mail": "ada@example.com", "nick": "ada" } }, "sub": "other" });
        [("/t", 200, json!({ "access_token": "at-1" })), ("/me", 200, me)]
    };
    for id in [json!(7), json!("seven")] {
        let browser = app.default_tenant().browser();
        let came = maker.come_asked(&browser, &said(&id)).await;
        assert!(!counts(&browser, &came).await, "{id}");
    }
    for id in [
        json!(null),
        json!(""),
        json!({}),
        json!([7]),
        json!(7.5),
        json!(true),
        json!("x".repeat(256)),
    ] {
        let browser = app.default_tenant().browser();
        assert_eq!(maker.come_asked(&browser, &said(&id)).await.status(), 502, "{id}");
    }
}

#[tokio::test]
async fn a_secret_stays_at_the_address_that_it_was_given_for() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let issuer = Issuer::start();
    let at = |path: &str| format!("{}{path}", issuer.base);
    let spec = json!({
        "kind": "oauth2", "displayName": "Forum", "clientId": "rp", "clientSecret": "hush hush",
        "authorizeUrl": at("/a"), "tokenUrl": at("/t"), "userinfoUrl": at("/me"), "claims": { "sub": "id" },
    });
    let new = json!({ "metadata": { "name": "forum" }, "spec": spec });
    owner.post(CONFIGS, &new).await.expect(200);
    let moved = patch(&owner, "forum", json!({ "tokenUrl": at("/t2") })).await;
    assert_eq!(moved.problem(), (400, "secret_required".to_owned()));
    let inside = patch(&owner, "forum", json!({ "tokenUrl": "https://10.0.0.1/t" })).await;
    assert_eq!(inside.problem(), (400, "endpoint_refused".to_owned()));
}

#[tokio::test]
async fn a_kind_takes_its_own_members_and_no_others() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for (kind, spec, field) in [
        ("google", json!({ "msTenant": "common" }), "spec.msTenant"),
        ("google", json!({ "appleTeamId": "ABCDE12345" }), "spec.appleTeamId"),
        ("google", json!({ "tokenUrl": "https://a.example" }), "spec.tokenUrl"),
        ("google", json!({ "claims": { "sub": "id" } }), "spec.claims.sub"),
        ("google", json!({ "upstreams": [DIRECTORY] }), "spec.upstreams[0]"),
        ("microsoft", json!({ "msTenant": "corp.example" }), "spec.msTenant"),
        ("microsoft", json!({ "upstreams": ["corp"] }), "spec.upstreams[0]"),
        ("apple", json!({ "appleKeyId": "short" }), "spec.appleKeyId"),
        ("apple", json!({ "emailTrust": "authoritative" }), "spec.emailTrust"),
        ("oauth2", json!({ "claims": { "sub": "a..b" } }), "spec.claims.sub"),
        (
            "oauth2",
            json!({ "claims": { "sub": "a.b.c.d.e.f" } }),
            "spec.claims.sub",
        ),
        ("oauth2", json!({ "issuer": "https://a.example" }), "spec.issuer"),
    ] {
        let mut whole = json!({ "kind": kind, "displayName": "X" });
        whole.as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
        let new = json!({ "metadata": { "name": "x" }, "spec": whole });
        assert_eq!(wrong_fields(owner.post(CONFIGS, &new).await), [field], "{kind} {spec}");
    }
}

#[tokio::test]
async fn who_sets_up_a_maker_needs_no_more_and_who_names_another_base_does() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_role(&owner, "setter", "sign-in-manager", &[allow("roles", "list")]).await;
    let setter = make_person(&owner, "setter", "setter").await;
    let issuer = Issuer::start();
    let new = |name: &str, more: Value| {
        let mut spec = json!({ "kind": "google", "displayName": "Google" });
        spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "metadata": { "name": name }, "spec": spec })
    };
    setter.post(CONFIGS, &new("google", json!({}))).await.expect(200);
    for more in [json!({ "issuer": issuer.base }), json!({ "link": "automatic" })] {
        let refused = setter.post(CONFIGS, &new("mine", more.clone())).await;
        assert_eq!(refused.problem(), (403, "escalation".to_owned()), "{more}");
    }
}
