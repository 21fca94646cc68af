//! Authorization headers that are broken, and tokens that somebody made themselves.

use super::{MESSAGES, USERS, check};
use crate::support::{Person, TestApp, database::is_postgres};
use aws_lc_rs::{hmac, signature::Ed25519KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Method, header::HeaderValue};
use serde_json::{Value, json};
use sqlx::{ConnectOptions, Connection, Row, sqlite::SqliteConnectOptions};
use tenantry::kit::id::{SessionId, TenantId, UserId};

const OWN: &str = "/auth/v1/users/me";

/// The answers to this `Authorization` in each group must be that nobody is signed in.
async fn refuse(who: &Person<'_>, what: &str, authorization: &[u8]) {
    let anybody = who.tenant.anybody();
    let value = HeaderValue::from_bytes(authorization).unwrap();
    for (method, path) in [
        (Method::GET, USERS),
        (Method::GET, MESSAGES),
        (Method::GET, OWN),
        (Method::POST, "/v1/logout"),
    ] {
        let request = anybody
            .request(method, path)
            .header("authorization", value.clone())
            .json(&json!({}));
        let reply = anybody.send(request).await;
        check(&format!("{what} at {path}"), &reply, 401, "unauthenticated");
        assert_eq!(reply.header("www-authenticate"), "Bearer", "{what} at {path}");
    }
}

/// The control: with this `Authorization` somebody is signed in.
async fn accept(who: &Person<'_>, what: &str, authorization: &str) {
    let anybody = who.tenant.anybody();
    for path in [USERS, MESSAGES, OWN] {
        let reply = anybody
            .send(
                anybody
                    .request(Method::GET, path)
                    .header("authorization", authorization),
            )
            .await;
        assert_eq!(reply.status, 200, "{what} at {path}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_broken_authorization_header_is_nobody_and_no_fault_of_the_server() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let token = owner.tokens["accessToken"].as_str().unwrap();
    let rows = [
        ("nothing", String::new()),
        ("a scheme", "Bearer".to_owned()),
        ("a scheme and spaces", "Bearer  ".to_owned()),
        ("another scheme", "Basic xyz".to_owned()),
        ("another scheme with the token", format!("Basic {token}")),
        ("no scheme", token.to_owned()),
        ("a scheme that only begins so", format!("Bearertoken {token}")),
        ("a colon", format!("Bearer: {token}")),
        ("two tokens", format!("Bearer {token}, Bearer {token}")),
        ("two tokens and a space", format!("Bearer {token} {token}")),
        ("quotes", format!("Bearer \"{token}\"")),
        ("dots", "Bearer ..".to_owned()),
        ("five parts", format!("Bearer {token}.a.b")),
        ("not base 64", "Bearer a.b.c".to_owned()),
        ("empty objects", "Bearer e30.e30.e30".to_owned()),
        ("100 kB", format!("Bearer {}", "a".repeat(100_000))),
        ("100 kB of dots", format!("Bearer {}", ".".repeat(100_000))),
        ("a character beyond ASCII", format!("Bearer {token}é")),
        ("a tab", format!("Bearer\t{token}")),
    ];
    for (what, row) in rows {
        refuse(&owner, what, row.as_bytes()).await;
    }
    refuse(&owner, "bytes of no text", b"Bearer \xff\xfe\xc3").await;
    for scheme in ["Bearer ", "bearer ", "BEARER   "] {
        accept(&owner, scheme, &format!("{scheme}{token}")).await;
    }
}

/// The signing key of a tenant, as its server has it.
struct Key {
    kid: String,
    public: String,
    private: Ed25519KeyPair,
}

/// Reads the key from the database and opens it, which nobody else can.
async fn key(app: &TestApp, owner: &Person<'_>) -> Key {
    const SQL: &str = "select kid, public, sealed_private from signing_key";
    let me = owner.get(OWN).await.expect(200);
    let tenant: TenantId = me["user"]["details"]["resourceOwner"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let (kid, public, sealed): (String, String, Vec<u8>) = if is_postgres() {
        let url = app.app.config.database_url.as_deref().unwrap();
        let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
        let become_it = sqlx::query("select set_config('app.tenant_id', $1, false)").bind(tenant.0.to_string());
        become_it.execute(&mut connection).await.unwrap();
        let row = sqlx::query(SQL).fetch_one(&mut connection).await.unwrap();
        (row.get(0), row.get(1), row.get(2))
    } else {
        let file = app
            .app
            .config
            .data_dir
            .join(format!("tenants/{}.db", tenant.0.simple()));
        let mut connection = SqliteConnectOptions::new()
            .filename(file)
            .read_only(true)
            .connect()
            .await
            .unwrap();
        let row = sqlx::query(SQL).fetch_one(&mut connection).await.unwrap();
        (row.get(0), row.get(1), row.get(2))
    };
    let private = app
        .app
        .master
        .open(&format!("signing-key/{tenant}/{kid}"), &sealed)
        .unwrap();
    let private = Ed25519KeyPair::from_pkcs8(&private).unwrap();
    Key { kid, public, private }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A token of these parts, whose signature `sign` makes.
fn token(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
    let signature = encode(sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// A copy with one member changed, or without it.
fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut object = object.clone();
    match value {
        Value::Null => drop(object.as_object_mut().unwrap().remove(name)),
        value => object[name] = value,
    }
    object
}

/// What a real token of the owner says, and the key that signed it.
async fn real(app: &TestApp, owner: &Person<'_>) -> (Value, Value, Key) {
    let key = key(app, owner).await;
    let token = owner.tokens["accessToken"].as_str().unwrap();
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut part = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    let (header, claims): (Value, Value) = (part(), part());
    assert_eq!(header, json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": key.kid }));
    (header, claims, key)
}

#[tokio::test]
async fn a_token_whose_header_was_chosen_by_an_attacker_is_refused() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let (header, claims, key) = real(&app, &owner).await;
    let ours = |bytes: &[u8]| key.private.sign(bytes).as_ref().to_vec();
    accept(
        &owner,
        "made by hand",
        &format!("Bearer {}", token(&header, &claims, ours)),
    )
    .await;

    let none = |alg: &str| token(&with(&header, "alg", json!(alg)), &claims, |_| vec![]);
    let hs256 = with(&header, "alg", json!("HS256"));
    let shared = |secret: Vec<u8>| {
        token(&hs256, &claims, |bytes| {
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), bytes)
                .as_ref()
                .to_vec()
        })
    };
    let other = Ed25519KeyPair::generate().unwrap();
    let theirs = |bytes: &[u8]| other.sign(bytes).as_ref().to_vec();
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(aws_lc_rs::signature::KeyPair::public_key(&other)) });
    let ours_with = |name: &str, value: Value| token(&with(&header, name, value), &claims, ours);
    let rows = [
        ("none without a signature", none("none")),
        ("None without a signature", none("None")),
        ("no algorithm", ours_with("alg", Value::Null)),
        ("none with the signature", ours_with("alg", json!("none"))),
        ("another algorithm with the signature", ours_with("alg", json!("RS256"))),
        (
            "the public key as shared secret",
            shared(URL_SAFE_NO_PAD.decode(&key.public).unwrap()),
        ),
        (
            "the text of the public key as shared secret",
            shared(key.public.clone().into_bytes()),
        ),
        ("an empty shared secret", shared(vec![])),
        ("the type of another token", ours_with("typ", json!("JWT"))),
        ("the type of a log-out token", ours_with("typ", json!("logout+jwt"))),
        ("no type", ours_with("typ", Value::Null)),
        ("an unknown key", ours_with("kid", json!("unknown"))),
        ("no key", ours_with("kid", Value::Null)),
        ("a key from a path", ours_with("kid", json!("../../../../dev/null"))),
        ("a key from a query", ours_with("kid", json!("x' union select 'x"))),
        ("somebody else's key", token(&header, &claims, theirs)),
        (
            "somebody else's key in the header",
            token(&with(&header, "jwk", jwk), &claims, theirs),
        ),
        (
            "somebody else's key at an address",
            token(&with(&header, "jku", json!(app.base)), &claims, theirs),
        ),
        ("no signature", token(&header, &claims, |_| vec![])),
        ("a signature of zeros", token(&header, &claims, |_| vec![0; 64])),
        (
            "half a signature",
            token(&header, &claims, |bytes| ours(bytes)[..32].to_vec()),
        ),
    ];
    for (what, row) in rows {
        refuse(&owner, what, format!("Bearer {row}").as_bytes()).await;
    }
}

#[tokio::test]
async fn a_token_with_other_claims_is_refused_though_the_key_is_right() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let (header, claims, key) = real(&app, &owner).await;
    let ours = |bytes: &[u8]| key.private.sign(bytes).as_ref().to_vec();
    let now = app.clock.now();
    let rows = [
        ("iss", json!(format!("{}/t/acme", app.base))),
        ("iss", json!("https://evil.example")),
        ("iss", Value::Null),
        ("aud", json!(format!("{}/t/acme", app.base))),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("sub", json!(UserId::new(now))),
        ("sub", json!("admin")),
        ("sub", json!("' or 1=1 --")),
        ("sub", Value::Null),
        ("sid", json!(SessionId::new(now))),
        ("sid", json!("ses_")),
        ("sid", Value::Null),
        ("exp", json!(now.timestamp() - 1)),
        ("exp", json!(0)),
        ("exp", json!(-1)),
        ("exp", json!("9999999999")),
        ("exp", json!(1e300)),
        ("exp", Value::Null),
        ("iat", json!(now.timestamp() + 600)),
        ("iat", json!("0")),
        ("iat", Value::Null),
    ];
    for (name, value) in rows {
        let row = token(&header, &with(&claims, name, value.clone()), ours);
        refuse(&owner, &format!("{name} = {value}"), format!("Bearer {row}").as_bytes()).await;
    }

    let real = owner.tokens["accessToken"].as_str().unwrap();
    let parts: Vec<_> = real.split('.').collect();
    let raised = encode(with(&claims, "exp", json!(now.timestamp() + 86_400)).to_string());
    let rows = [
        ("cut by one", real[..real.len() - 1].to_owned()),
        ("cut in half", real[..real.len() / 2].to_owned()),
        ("without its signature", format!("{}.{}.", parts[0], parts[1])),
        ("without its header", format!(".{}.{}", parts[1], parts[2])),
        (
            "with later claims and the old signature",
            format!("{}.{raised}.{}", parts[0], parts[2]),
        ),
        ("in two parts", format!("{}.{}", parts[0], parts[1])),
        ("with padding", format!("{real}==")),
    ];
    for (what, row) in rows {
        refuse(&owner, what, format!("Bearer {row}").as_bytes()).await;
    }
    accept(&owner, "the control", &format!("Bearer {real}")).await;
}

#[tokio::test]
async fn a_token_is_good_for_fifteen_minutes() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let authorization = format!("Bearer {}", owner.tokens["accessToken"].as_str().unwrap());
    assert_eq!(owner.tokens["expiresIn"], 900);
    app.advance(840);
    accept(&owner, "after 14 minutes", &authorization).await;
    app.advance(60);
    refuse(&owner, "after 15 minutes", authorization.as_bytes()).await;
}
