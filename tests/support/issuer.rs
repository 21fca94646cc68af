//! An OpenID Provider of somebody else, which answers as it is told to.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use poem::{EndpointExt, Response, Route, Server, handler, http::StatusCode, listener::TcpAcceptor, web::Data};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// A key of the issuer.
pub(crate) struct Key {
    pair: EcdsaKeyPair,
    pub(crate) kid: String,
}

impl Key {
    pub(crate) fn new(kid: &str) -> Self {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        Self {
            pair: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).unwrap(),
            kid: kid.to_owned(),
        }
    }

    /// The public half.
    pub(crate) fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let part = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid, "x": part(1..33), "y": part(33..65) })
    }

    /// A token with this header, and these claims as they are written.
    pub(crate) fn sign(&self, header: &Value, claims: &str) -> String {
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims)
        );
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    pub(crate) fn header(&self) -> Value {
        json!({ "alg": "ES256", "kid": self.kid })
    }
}

/// What it answers at a path: a status, a type and a body.
pub(crate) type Canned = (u16, &'static str, String);

#[derive(Default)]
struct State {
    canned: BTreeMap<String, Canned>,
    came: Vec<(String, String)>,
    queries: Vec<(String, String)>,
}

type Shared = Arc<Mutex<State>>;

/// A running issuer.
pub(crate) struct Issuer {
    /// Who it is, and where.
    pub(crate) base: String,
    pub(crate) key: Key,
    state: Shared,
}

impl Issuer {
    /// Starts one on a free port of this machine, which publishes what an issuer does.
    pub(crate) fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        listener.set_nonblocking(true).unwrap();
        let state = Shared::default();
        let routes = Route::new()
            .at("/*path", poem::get(answer).post(answer))
            .data(state.clone());
        tokio::spawn(Server::new_with_acceptor(TcpAcceptor::from_std(listener).unwrap()).run(routes));
        let key = Key::new("k1");
        let issuer = Self { base, key, state };
        issuer.publish(&issuer.metadata());
        issuer.can("/jwks", 200, &json!({ "keys": [issuer.key.jwk()] }));
        issuer
    }

    /// Its metadata as they should be.
    pub(crate) fn metadata(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.base);
        json!({
            "issuer": self.base, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
            "jwks_uri": at("/jwks"), "id_token_signing_alg_values_supported": ["ES256", "RS256", "none", "HS256"],
            "authorization_response_iss_parameter_supported": true,
        })
    }

    pub(crate) fn publish(&self, metadata: &Value) {
        self.can("/.well-known/openid-configuration", 200, metadata);
    }

    /// Answers so at a path from now on.
    pub(crate) fn can(&self, path: &str, status: u16, body: &Value) {
        self.can_text(path, status, "application/json", body.to_string());
    }

    pub(crate) fn can_text(&self, path: &str, status: u16, kind: &'static str, body: String) {
        self.state
            .lock()
            .unwrap()
            .canned
            .insert(path.to_owned(), (status, kind, body));
    }

    /// Answers the next codes with this ID token.
    pub(crate) fn gives(&self, id_token: &str) {
        let tokens = json!({ "access_token": "at-1", "token_type": "Bearer", "id_token": id_token });
        self.can("/token", 200, &tokens);
    }

    /// How often a path was asked.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.state
            .lock()
            .unwrap()
            .came
            .iter()
            .filter(|(at, _)| at == path)
            .count()
    }

    /// The query that came last to a path.
    pub(crate) fn last_query(&self, path: &str) -> String {
        let state = self.state.lock().unwrap();
        let (_, query) = state.queries.iter().rev().find(|(at, _)| at == path).expect("it came");
        query.clone()
    }

    /// The form that came last to a path.
    pub(crate) fn last(&self, path: &str) -> BTreeMap<String, String> {
        let state = self.state.lock().unwrap();
        let (_, form) = state.came.iter().rev().find(|(at, _)| at == path).expect("it came");
        url::form_urlencoded::parse(form.as_bytes()).into_owned().collect()
    }
}

#[handler]
fn answer(request: &poem::Request, form: String, Data(state): Data<&Shared>) -> Response {
    let mut state = state.lock().unwrap();
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    state.queries.push((path.clone(), query));
    state.came.push((path.clone(), form));
    let canned = state.canned.get(&path).cloned();
    let (status, kind, body) = canned.unwrap_or((404, "text/plain", String::new()));
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .content_type(kind)
        .header("location", "/elsewhere")
        .body(body)
}
