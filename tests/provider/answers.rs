//! What a provider says is believed only if it is signed by it, for us, of now, and whole.

use super::{CONFIGS, Scene, parameters, trusting};
use crate::support::{TestApp, browser::Browser, issuer::Key};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// Tokens that differ from a good one in this, and what is wrong with each.
fn claims_gone_wrong(now: i64) -> Vec<(&'static str, Value)> {
    vec![
        ("another issuer", json!({ "iss": "https://elsewhere.example" })),
        ("no issuer", json!({ "iss": null })),
        ("for somebody else", json!({ "aud": "other" })),
        ("for nobody", json!({ "aud": null })),
        ("for a number", json!({ "aud": 7 })),
        ("for others", json!({ "aud": ["other"] })),
        (
            "for us among others, given to nobody",
            json!({ "aud": ["rp", "other"] }),
        ),
        ("given to somebody else", json!({ "azp": "other" })),
        (
            "given to somebody else among others",
            json!({ "aud": ["rp", "other"], "azp": "other" }),
        ),
        ("expired", json!({ "exp": now - 61 })),
        ("without an end", json!({ "exp": null })),
        ("with an end in words", json!({ "exp": "never" })),
        ("of the future", json!({ "iat": now + 120 })),
        ("of yesterday", json!({ "iat": now - 86_400 })),
        ("of no time", json!({ "iat": null })),
        ("not valid yet", json!({ "nbf": now + 120 })),
        ("of another sign-in", json!({ "nonce": "another" })),
        ("of no sign-in", json!({ "nonce": null })),
        ("of nobody", json!({ "sub": null })),
        ("of nothing", json!({ "sub": "" })),
        ("of a number", json!({ "sub": 7 })),
        ("of somebody endless", json!({ "sub": "x".repeat(10_000) })),
        (
            "of another access token",
            json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" }),
        ),
    ]
}

/// Comes back with this token, and answers the status.
async fn status_of(scene: &Scene<'_>, browser: &Browser<'_>, token: impl FnOnce(Value) -> String) -> u16 {
    let begun = parameters(&browser.open("/login/with/corp").await);
    scene.issuer.gives(&token(scene.claims(&begun, &json!({}))));
    browser.open(&scene.back(&begun)).await.status()
}

async fn wide(app: &TestApp) -> Scene<'_> {
    let scene = Scene::new(app, trusting_nobody()).await;
    let wide = json!({ "providerBeginNetwork": { "most": 1000 }, "providerCallbackNetwork": { "most": 1000 } });
    crate::support::limits::set_limits(&scene.owner, wide).await;
    scene
}

fn trusting_nobody() -> Value {
    json!({})
}

#[tokio::test]
async fn claims_that_are_not_for_us_of_now_and_of_somebody_are_not_believed() {
    let app = TestApp::start().await;
    let scene = wide(&app).await;
    let browser = app.default_tenant().browser();
    let now = app.clock.now().timestamp();
    let sign = |claims: &Value| scene.issuer.key.sign(&scene.issuer.key.header(), &claims.to_string());
    for (what, change) in claims_gone_wrong(now) {
        let changed = |mut claims: Value| {
            claims
                .as_object_mut()
                .unwrap()
                .extend(change.as_object().unwrap().clone());
            sign(&claims)
        };
        assert_eq!(status_of(&scene, &browser, changed).await, 502, "{what}");
    }
    for (what, change) in [
        ("nothing", json!({})),
        (
            "us among others, given to us",
            json!({ "aud": ["rp", "other"], "azp": "rp" }),
        ),
        ("us alone in a list", json!({ "aud": ["rp"] })),
        ("a clock that is slow", json!({ "exp": now - 30 })),
        ("a clock that is fast", json!({ "iat": now + 30 })),
    ] {
        let changed = |mut claims: Value| {
            claims
                .as_object_mut()
                .unwrap()
                .extend(change.as_object().unwrap().clone());
            sign(&claims)
        };
        assert_eq!(status_of(&scene, &browser, changed).await, 303, "{what}");
    }
    let config = scene.owner.get(&format!("{CONFIGS}/corp")).await.expect(200);
    assert!(
        config["status"]["lastError"].as_str().unwrap().contains("ID token"),
        "{config}"
    );
}

#[tokio::test]
async fn a_token_is_signed_by_a_key_of_the_issuer_and_by_nothing_else() {
    let app = TestApp::start().await;
    let scene = wide(&app).await;
    let browser = app.default_tenant().browser();
    let key = &scene.issuer.key;
    let stranger = Key::new("k1");
    let bare = |claims: &Value, header: Value| {
        let signed = key.sign(&header, &claims.to_string());
        signed.rsplit_once('.').unwrap().0.to_owned() + "."
    };
    let secret = |claims: &Value| {
        let public = EncodingKey::from_secret(key.jwk().to_string().as_bytes());
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some("k1".to_owned());
        jsonwebtoken::encode(&header, claims, &public).unwrap()
    };
    assert_eq!(
        status_of(&scene, &browser, |claims| bare(&claims, json!({ "alg": "none" }))).await,
        502
    );
    assert_eq!(
        status_of(&scene, &browser, |claims| bare(&claims, key.header())).await,
        502
    );
    assert_eq!(status_of(&scene, &browser, |claims| secret(&claims)).await, 502);
    let forged = |claims: Value| stranger.sign(&key.header(), &claims.to_string());
    assert_eq!(
        status_of(&scene, &browser, forged).await,
        502,
        "another key of the same name"
    );
    for header in [
        json!({ "alg": "ES256", "kid": "../../k1" }),
        json!({ "alg": "ES256", "kid": 1 }),
        json!({ "alg": "RS256", "kid": "k1" }),
        json!({ "alg": "EdDSA", "kid": "k1" }),
        json!({ "alg": "ES256", "kid": "k1", "crit": ["x"] }),
        json!({ "alg": "ES256", "kid": "k2", "jwk": stranger.jwk() }),
    ] {
        let by = if header["kid"] == "k2" { &stranger } else { key };
        let signed = |claims: Value| by.sign(&header, &claims.to_string());
        assert_eq!(status_of(&scene, &browser, signed).await, 502, "{header}");
    }
    for text in ["", "a.b", "a.b.c", "a.b.c.d", &"x".repeat(20_000)] {
        assert_eq!(
            status_of(&scene, &browser, |_| text.to_owned()).await,
            502,
            "{text:.20}"
        );
    }
    let good = |claims: Value| key.sign(&key.header(), &claims.to_string());
    assert_eq!(status_of(&scene, &browser, good).await, 303);
    // Without a name, the only key it can be.
    let nameless = |claims: Value| key.sign(&json!({ "alg": "ES256" }), &claims.to_string());
    assert_eq!(status_of(&scene, &browser, nameless).await, 303);
}

#[tokio::test]
async fn a_new_key_is_fetched_once_a_minute_however_many_unknown_ones_are_named() {
    let app = TestApp::start().await;
    let scene = wide(&app).await;
    let browser = app.default_tenant().browser();
    let good = |claims: Value| scene.issuer.key.sign(&scene.issuer.key.header(), &claims.to_string());
    assert_eq!(status_of(&scene, &browser, good).await, 303);
    let next = Key::new("k2");
    let signed = |claims: Value| next.sign(&next.header(), &claims.to_string());
    for _ in 0..5 {
        assert_eq!(status_of(&scene, &browser, signed).await, 502);
    }
    assert_eq!(scene.issuer.asked("/jwks"), 1, "it was fetched this minute");
    app.advance(61);
    scene
        .issuer
        .can("/jwks", 200, &json!({ "keys": [scene.issuer.key.jwk(), next.jwk()] }));
    assert_eq!(status_of(&scene, &browser, signed).await, 303);
    for number in 0..5 {
        let unknown = |claims: Value| {
            next.sign(
                &json!({ "alg": "ES256", "kid": number.to_string() }),
                &claims.to_string(),
            )
        };
        assert_eq!(status_of(&scene, &browser, unknown).await, 502);
    }
    assert_eq!(scene.issuer.asked("/jwks"), 2);
    // Owners are told of the provider.
    app.work().await;
}

/// Answers of a token endpoint, and what comes of each.
fn bad_answers() -> Vec<(&'static str, u16, &'static str, String, u16)> {
    let deep = format!("{{\"id_token\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    vec![
        ("down", 500, "text/plain", String::new(), 503),
        ("overrun", 429, "text/plain", String::new(), 503),
        ("elsewhere", 302, "text/plain", String::new(), 502),
        ("html", 200, "text/html", "<html>".to_owned(), 502),
        (
            "10 MB",
            200,
            "application/json",
            format!("\"{}\"", "x".repeat(10 << 20)),
            503,
        ),
        ("deep", 200, "application/json", deep, 502),
        ("empty", 200, "application/json", "{}".to_owned(), 502),
        (
            "numbers",
            200,
            "application/json",
            json!({ "id_token": 7 }).to_string(),
            502,
        ),
        (
            "wrong client",
            401,
            "application/json",
            json!({ "error": "invalid_client" }).to_string(),
            502,
        ),
        (
            "wrong code",
            400,
            "application/json",
            json!({ "error": "invalid_grant" }).to_string(),
            400,
        ),
        (
            "error as 200",
            200,
            "application/json",
            json!({ "error": "bad_verification_code" }).to_string(),
            400,
        ),
        ("forbidden", 403, "application/json", "{}".to_owned(), 502),
    ]
}

#[tokio::test]
async fn a_provider_that_answers_badly_signs_nobody_in_and_costs_no_more() {
    let app = TestApp::start().await;
    let scene = wide(&app).await;
    let browser = app.default_tenant().browser();
    for (what, status, kind, body, expected) in bad_answers() {
        let begun = parameters(&browser.open("/login/with/corp").await);
        scene.issuer.can_text("/token", status, kind, body);
        let before = scene.issuer.asked("/token");
        let came = browser.open(&scene.back(&begun)).await;
        assert_eq!(came.status(), expected, "{what}: {}", came.reply.text);
        assert_eq!(scene.issuer.asked("/token"), before + 1, "{what}: a code is tried once");
        assert!(came.reply.text.contains("Other ways to sign in"), "{what}");
        assert!(
            !came.reply.text.contains("bad_verification_code"),
            "{what}: its words are for administrators"
        );
    }
}

#[tokio::test]
async fn keys_that_are_none_sign_nobody_in() {
    let app = TestApp::start().await;
    let scene = wide(&app).await;
    let browser = app.default_tenant().browser();
    for keys in [
        json!({ "keys": vec![scene.issuer.key.jwk(); 101] }),
        json!({ "keys": {} }),
        json!([]),
        json!({ "keys": [{ "kty": "EC", "kid": "k1" }] }),
    ] {
        app.advance(86_401);
        scene.issuer.can("/jwks", 200, &keys);
        let good = |claims: Value| scene.issuer.key.sign(&scene.issuer.key.header(), &claims.to_string());
        assert_eq!(status_of(&scene, &browser, good).await, 502, "{keys:.60}");
    }
    app.advance(86_401);
    scene
        .issuer
        .can("/jwks", 200, &json!({ "keys": [scene.issuer.key.jwk()] }));
    let good = |claims: Value| scene.issuer.key.sign(&scene.issuer.key.header(), &claims.to_string());
    assert_eq!(status_of(&scene, &browser, good).await, 303);
    // Owners are told of the provider.
    app.work().await;
}

#[tokio::test]
async fn userinfo_of_somebody_else_is_not_believed() {
    let app = TestApp::start().await;
    let issuer = crate::support::issuer::Issuer::start();
    let mut metadata = issuer.metadata();
    metadata["userinfo_endpoint"] = json!(format!("{}/userinfo", issuer.base));
    issuer.publish(&metadata);
    let owner = app.default_tenant().owner().await;
    super::set_up(&owner, "corp", &issuer.base, trusting()).await;
    let scene = Scene {
        owner,
        issuer,
        app: &app,
    };
    let browser = app.default_tenant().browser();
    let email = json!({ "email": "ada@example.com", "email_verified": true });
    let with = |sub: &str| {
        let mut claims = email.clone();
        claims["sub"] = json!(sub);
        claims
    };
    scene.issuer.can("/userinfo", 200, &with("sub-2"));
    assert_eq!(scene.come(&browser, json!({})).await.status(), 502);
    scene.issuer.can("/userinfo", 200, &email);
    assert_eq!(scene.come(&browser, json!({})).await.status(), 502);
    scene.issuer.can("/userinfo", 200, &with("sub-1"));
    assert_eq!(scene.come(&browser, json!({})).await.leads(), "/login/identity");
    browser.open("/login/identity").await.expect(200, "Create an account");
}
