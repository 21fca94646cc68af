//! A server that checks tokens as Turnstile, hCaptcha and reCAPTCHA do, each at its own path.

use poem::{
    EndpointExt, IntoResponse, Response, Route, Server, handler,
    http::StatusCode,
    listener::TcpAcceptor,
    post,
    web::{Data, Form, Json},
};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

/// The secret that every provider here knows.
pub(crate) const SECRET: &str = "a-secret-of-one-widget";
/// The site key that belongs to it.
pub(crate) const SITE_KEY: &str = "a-site-key";
/// The token of Turnstile's test site keys.
pub(crate) const TURNSTILE_TEST_TOKEN: &str = "XXXX.DUMMY.TOKEN.XXXX";
/// The token of hCaptcha's test site key.
pub(crate) const HCAPTCHA_TEST_TOKEN: &str = "10000000-aaaa-bbbb-cccc-000000000001";
/// The secrets that the providers publish for tests: Turnstile's, that of hCaptcha, that of reCAPTCHA.
pub(crate) const TEST_SECRETS: [(&str, &str); 5] = [
    ("turnstile", "1x0000000000000000000000000000000AA"),
    ("turnstile", "2x0000000000000000000000000000000AA"),
    ("turnstile", "3x0000000000000000000000000000000AA"),
    ("hcaptcha", "0x0000000000000000000000000000000000000000"),
    ("recaptcha", "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe"),
];

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// It is never answered.
    Silence,
    /// The connection is closed.
    Closed,
    /// 500, even though the body says success.
    Failed,
    /// `internal-error`, before the token is looked at.
    Internal,
    /// The token is used up, and then the connection is closed.
    ClosedAfterwards,
    /// An answer of no provider.
    Nonsense,
    /// Success, followed by more than anybody should read.
    Endless,
    /// Success is said to be elsewhere.
    Elsewhere,
}

type Fields = HashMap<String, String>;

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) form: Fields,
}

/// What became of a token.
#[derive(Clone)]
struct Token {
    /// What a success says beside it.
    says: Value,
    /// The key of the question that used it up.
    used_by: Option<String>,
    expired: bool,
}

#[derive(Default)]
struct State {
    asked: Vec<Asked>,
    faults: VecDeque<Fault>,
    tokens: HashMap<String, Token>,
}

type Shared = Arc<Mutex<State>>;

/// A running server.
pub(crate) struct Siteverify {
    pub(crate) url: url::Url,
    state: Shared,
}

impl Siteverify {
    /// Starts a server on a free port.
    pub(crate) fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        listener.set_nonblocking(true).unwrap();
        let state = Shared::default();
        let routes = Route::new().at("/*path", post(siteverify)).data(state.clone());
        let acceptor = TcpAcceptor::from_std(listener).unwrap();
        tokio::spawn(Server::new_with_acceptor(acceptor).run(routes));
        Self {
            url: url.parse().unwrap(),
            state,
        }
    }

    /// A token of a solved widget; `says` is what its success says.
    pub(crate) fn solve(&self, says: Value) -> String {
        let mut state = self.state.lock().unwrap();
        let name = format!("token-{}", state.tokens.len());
        let token = Token {
            says,
            used_by: None,
            expired: false,
        };
        state.tokens.insert(name.clone(), token);
        name
    }

    /// Lets the life of a token end.
    pub(crate) fn expire(&self, token: &str) {
        self.state.lock().unwrap().tokens.get_mut(token).unwrap().expired = true;
    }

    /// Lets the next requests go wrong, each in one way.
    pub(crate) fn fail(&self, faults: &[Fault]) {
        self.state.lock().unwrap().faults.extend(faults);
    }

    /// The requests that came, and forgets them.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }
}

#[handler]
async fn siteverify(request: &poem::Request, Form(form): Form<Fields>, state: Data<&Shared>) -> Response {
    let path = request.uri().path().to_owned();
    let fault = {
        let mut state = state.lock().unwrap();
        let form = form.clone();
        state.asked.push(Asked {
            path: path.clone(),
            form,
        });
        state.faults.pop_front()
    };
    match fault {
        Some(Fault::Silence) => std::future::pending().await,
        // Ends the task of the connection, without a word to anybody.
        Some(Fault::Closed) => std::panic::resume_unwind(Box::new("closed")),
        Some(Fault::ClosedAfterwards) => {
            answer(&path, &form, &mut state.lock().unwrap());
            std::panic::resume_unwind(Box::new("closed"))
        }
        Some(Fault::Failed) => (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({ "success": true }))).into_response(),
        Some(Fault::Internal) => Json(refused("internal-error")).into_response(),
        Some(Fault::Nonsense) => "<html>Sign in to this network first</html>".into_response(),
        Some(Fault::Endless) => Json(json!({ "success": true, "hostname": "x".repeat(70_000) })).into_response(),
        Some(Fault::Elsewhere) => poem::web::Redirect::temporary("/somewhere").into_response(),
        None => Json(answer(&path, &form, &mut state.lock().unwrap())).into_response(),
    }
}

fn refused(code: &str) -> Value {
    json!({ "success": false, "error-codes": [code] })
}

fn answer(path: &str, form: &Fields, state: &mut State) -> Value {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let (secret, token) = (field("secret"), field("response"));
    if secret.is_empty() {
        return refused("missing-input-secret");
    }
    if token.is_empty() {
        return refused("missing-input-response");
    }
    match path {
        "/turnstile/v0/siteverify" => turnstile(secret, token, form, state),
        "/siteverify" => hcaptcha(secret, token, field("sitekey"), state),
        "/recaptcha/api/siteverify" => recaptcha(secret, token, state),
        other => panic!("no provider is asked at {other}"),
    }
}

fn turnstile(secret: &str, token: &str, form: &Fields, state: &mut State) -> Value {
    let key = form.get("idempotency_key");
    if key.is_some_and(|key| uuid::Uuid::parse_str(key).is_err()) {
        return refused("bad-request");
    }
    match secret {
        "1x0000000000000000000000000000000AA" => json!({
            "success": true, "error-codes": [], "challenge_ts": "2022-02-28T15:14:30.096Z",
            "hostname": "example.com", "action": "", "cdata": "", "metadata": { "interactive": false },
        }),
        "2x0000000000000000000000000000000AA" => refused("invalid-input-response"),
        "3x0000000000000000000000000000000AA" => refused("timeout-or-duplicate"),
        SECRET if token == TURNSTILE_TEST_TOKEN => refused("invalid-input-response"),
        SECRET => redeem(token, key, state, "timeout-or-duplicate", "timeout-or-duplicate"),
        _ => refused("invalid-input-secret"),
    }
}

fn hcaptcha(secret: &str, token: &str, site_key: &str, state: &mut State) -> Value {
    match (secret, token) {
        ("0x0000000000000000000000000000000000000000", HCAPTCHA_TEST_TOKEN) => {
            json!({ "success": true, "hostname": "dummy-key-pass", "credit": false })
        }
        ("0x0000000000000000000000000000000000000000", _) => refused("not-using-dummy-passcode"),
        (SECRET, HCAPTCHA_TEST_TOKEN) => refused("not-using-dummy-secret"),
        (SECRET, _) if site_key != SITE_KEY => refused("sitekey-secret-mismatch"),
        (SECRET, _) => redeem(token, None, state, "expired-input-response", "already-seen-response"),
        _ => refused("invalid-input-secret"),
    }
}

fn recaptcha(secret: &str, token: &str, state: &mut State) -> Value {
    match secret {
        "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe" => json!({ "success": true, "hostname": "testkey.google.com" }),
        SECRET => redeem(token, None, state, "timeout-or-duplicate", "timeout-or-duplicate"),
        _ => refused("invalid-input-secret"),
    }
}

/// Uses a token up. The question that did so gets the same answer when it comes again.
fn redeem(token: &str, key: Option<&String>, state: &mut State, expired: &str, used: &str) -> Value {
    let Some(token) = state.tokens.get_mut(token) else {
        return refused("invalid-input-response");
    };
    if token.expired {
        return refused(expired);
    }
    match &token.used_by {
        Some(by) if key != Some(by) => return refused(used),
        _ => token.used_by = Some(key.cloned().unwrap_or_default()),
    }
    let mut says = json!({ "success": true, "challenge_ts": "2026-11-21T12:00:00Z", "error-codes": [] });
    says.as_object_mut()
        .unwrap()
        .extend(token.says.as_object().unwrap().clone());
    says
}
