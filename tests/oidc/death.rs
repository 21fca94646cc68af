//! `kill -9` while codes and refresh tokens are used: what was used up does not come back, and what was answered holds.

use super::flow::{CALLBACK, VERIFIER, request};
use crate::support::{PASSWORD, client, database::Database, free_port, program::Program};
use futures_util::{StreamExt, stream::FuturesUnordered};
use serde_json::{Value, json};

const CONSOLE: &str = "/apis/console/v1alpha1";

/// A server at one address, whichever process it is, and a browser in which the owner is signed in.
struct Server {
    database: Database,
    address: String,
    running: Option<Program>,
    cookie: String,
}

impl Server {
    async fn start() -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let mut server = Self {
            database: Database::create().await,
            address,
            running: None,
            cookie: String::new(),
        };
        server.again();
        let url = |path: &str| format!("http://{}{CONSOLE}{path}", server.address);
        let given = json!({ "username": "admin", "password": PASSWORD });
        let answer = client().post(url("/sessions")).json(&given).send().await.unwrap();
        let cookie = answer.headers()["set-cookie"]
            .to_str()
            .unwrap()
            .split(';')
            .next()
            .unwrap();
        cookie.clone_into(&mut server.cookie);
        let token = server.running.as_ref().unwrap().owner_token().await;
        let spec = json!({ "redirectUris": [CALLBACK], "firstParty": true });
        let new = json!({ "preset": "single-page", "metadata": { "name": "page" }, "spec": spec });
        let made = client()
            .post(url("/applications"))
            .bearer_auth(token)
            .json(&new)
            .send()
            .await;
        assert_eq!(made.unwrap().status(), 200);
        server
    }

    fn again(&mut self) {
        let url = format!("http://{}", self.address);
        let environment = [("TENANTRY_LISTEN", &*self.address), ("TENANTRY_PUBLIC_URL", &*url)];
        self.running = Some(Program::start(&self.database, &environment));
    }

    async fn code(&self) -> String {
        let url = format!("http://{}{}", self.address, request("page", &[]));
        let request = client().get(url).header("cookie", &self.cookie);
        let answer = request.send().await.unwrap();
        let sent = answer.headers()["location"].to_str().unwrap();
        let address = url::Url::parse(sent).unwrap();
        let code = address.query_pairs().find(|(name, _)| name == "code");
        code.unwrap_or_else(|| panic!("{sent}")).1.into_owned()
    }

    /// Sends a form to the token endpoint; nothing if the server died before it answered.
    async fn token(&self, form: &[(&str, &str)]) -> Option<(u16, Value)> {
        let url = format!("http://{}/oauth2/token", self.address);
        let form = [form, &[("client_id", "page")]].concat();
        let answer = client().post(url).form(&form).send().await.ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.json().await.ok()?))
    }

    /// Twelve send the same at once; the server is killed with the first answer that has tokens, which is returned.
    async fn token_until_death(&mut self, form: &[(&str, &str)]) -> Value {
        let mut all: FuturesUnordered<_> = (0..12).map(|_| self.token(form)).collect();
        let tokens = loop {
            match all.next().await.expect("one gets tokens") {
                Some((200, tokens)) => break tokens,
                other => assert!(matches!(other, Some((400, _))), "{other:?}"),
            }
        };
        self.running.as_ref().unwrap().kill();
        drop(all);
        self.running = None;
        self.again();
        tokens
    }
}

fn of_code(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

fn of_refresh(token: &str) -> [(&str, &str); 2] {
    [("grant_type", "refresh_token"), ("refresh_token", token)]
}

fn refresh_token(tokens: &Value) -> &str {
    tokens["refresh_token"].as_str().unwrap_or_else(|| panic!("{tokens}"))
}

#[tokio::test]
async fn a_code_that_gave_tokens_gives_none_after_kill_9() {
    let mut server = Server::start().await;
    for round in 0..3 {
        let code = server.code().await;
        server.token_until_death(&of_code(&code)).await;
        let (status, body) = server.token(&of_code(&code)).await.unwrap();
        assert_eq!(
            (status, &body["error"]),
            (400, &json!("invalid_grant")),
            "{round}: {body}"
        );
    }
    // Another one does.
    let code = server.code().await;
    assert_eq!(server.token(&of_code(&code)).await.unwrap().0, 200);
}

#[tokio::test]
async fn a_refresh_token_has_the_same_successor_after_kill_9_and_is_of_no_use_once_that_was_used() {
    let mut server = Server::start().await;
    let code = server.code().await;
    let (_, first) = server.token(&of_code(&code)).await.unwrap();
    let mut token = refresh_token(&first).to_owned();
    for round in 0..3 {
        let tokens = server.token_until_death(&of_refresh(&token)).await;
        let next = refresh_token(&tokens).to_owned();
        let (status, again) = server.token(&of_refresh(&token)).await.unwrap();
        assert_eq!((status, refresh_token(&again)), (200, &*next), "{round}");
        let (status, after) = server.token(&of_refresh(&next)).await.unwrap();
        assert_eq!(status, 200, "{round}: {after}");
        let (status, body) = server.token(&of_refresh(&token)).await.unwrap();
        assert_eq!(
            (status, &body["error"]),
            (400, &json!("invalid_grant")),
            "{round}: {body}"
        );
        refresh_token(&after).clone_into(&mut token);
    }
}
