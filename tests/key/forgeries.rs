//! Tokens that somebody made themselves, with and without the key of the tenant.

use crate::contract::bad_input::OWN;
use crate::session::refused::{accept, refuse};
use crate::support::{Person, TestApp, database::is_postgres};
use aws_lc_rs::{
    hmac,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sqlx::{ConnectOptions, Connection, Row, sqlite::SqliteConnectOptions};
use tenantry::kit::id::{SessionId, TenantId, UserId};

/// The signing key of a tenant, as its server has it.
struct Key {
    kid: String,
    public: String,
    private: Ed25519KeyPair,
}

impl Key {
    fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.private.sign(bytes).as_ref().to_vec()
    }
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
        .services
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
async fn a_token_whose_header_is_another_is_refused_though_the_key_is_right() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let (header, claims, key) = real(&app, &owner).await;
    let with_header = |name: &str, value: Value| {
        let made = token(&with(&header, name, value), &claims, |bytes| key.sign(bytes));
        format!("Bearer {made}")
    };
    let same = with_header("typ", header["typ"].clone());
    accept(&owner, "the control, made by hand", &same).await;

    let rows = [
        ("alg", Value::Null),
        ("alg", json!("none")),
        ("alg", json!("RS256")),
        ("alg", json!("HS256")),
        ("alg", json!(["EdDSA"])),
        ("typ", Value::Null),
        ("typ", json!("JWT")),
        ("typ", json!("logout+jwt")),
        ("kid", Value::Null),
        ("kid", json!("")),
        ("kid", json!("unknown")),
        ("kid", json!("../../../../dev/null")),
        ("kid", json!("x' union select 'x")),
        ("kid", json!(1)),
    ];
    for (name, value) in rows {
        let what = format!("{name} = {value}");
        refuse(&owner, &what, with_header(name, value).as_bytes()).await;
    }
}

#[tokio::test]
async fn a_token_that_another_key_signed_is_refused() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let (header, claims, key) = real(&app, &owner).await;
    let unsigned = |alg: &str| token(&with(&header, "alg", json!(alg)), &claims, |_| vec![]);
    let hs256 = with(&header, "alg", json!("HS256"));
    let shared = |secret: &[u8]| {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, secret);
        token(&hs256, &claims, |bytes| hmac::sign(&secret, bytes).as_ref().to_vec())
    };
    let other = Ed25519KeyPair::generate().unwrap();
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(other.public_key()) });
    let theirs = |name: &str, value: Value| {
        let header = with(&header, name, value);
        token(&header, &claims, |bytes| other.sign(bytes).as_ref().to_vec())
    };
    let signature = |bytes: &[u8]| token(&header, &claims, |_| bytes.to_vec());
    let half = token(&header, &claims, |bytes| key.sign(bytes)[..32].to_vec());
    let rows = [
        ("none", unsigned("none")),
        ("None", unsigned("None")),
        ("nOnE", unsigned("nOnE")),
        (
            "the public key as a secret",
            shared(&URL_SAFE_NO_PAD.decode(&key.public).unwrap()),
        ),
        ("the text of the public key as a secret", shared(key.public.as_bytes())),
        ("the name of the key as a secret", shared(key.kid.as_bytes())),
        ("an empty secret", shared(b"")),
        ("another key", theirs("kid", json!(key.kid))),
        ("another key that the header brings", theirs("jwk", jwk)),
        (
            "another key that the header says where to find",
            theirs("jku", json!(app.base)),
        ),
        ("another key in a certificate", theirs("x5c", json!(["MIIB"]))),
        ("no signature", signature(b"")),
        ("zeros", signature(&[0; 64])),
        ("half a signature", half),
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
        let row = token(&header, &with(&claims, name, value.clone()), |bytes| key.sign(bytes));
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
