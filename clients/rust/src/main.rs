//! Ten calls through generated clients, against a server that has just started.

#![allow(clippy::all, unused, reason = "what is generated is as it is")]

mod accounts {
    include!(concat!(env!("OUT_DIR"), "/accounts.rs"));
}
mod console {
    include!(concat!(env!("OUT_DIR"), "/console_v1alpha1.rs"));
}
mod gateway {
    include!(concat!(env!("OUT_DIR"), "/gateway_v1.rs"));
}
mod me {
    include!(concat!(env!("OUT_DIR"), "/auth_v1.rs"));
}
mod verification {
    include!(concat!(env!("OUT_DIR"), "/verification.rs"));
}

use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde_json::json;
use std::{env, error::Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let [url, name, password] = ["E2E_URL", "E2E_USER", "E2E_PASSWORD"].map(|key| env::var(key).expect(key));

    let gateway = gateway::Client::new(&url);
    let given = serde_json::from_value(json!({ "username": name, "password": password }))?;
    let tokens = gateway.login(None, &given).await?.into_inner();
    assert_eq!(tokens.user.username, name, "1: signed in");

    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, format!("Bearer {}", tokens.access_token).parse()?);
    let signed_in = reqwest::Client::builder().default_headers(headers).build()?;
    let console = console::Client::new_with_client(&url, signed_in.clone());
    let new = json!({ "name": "rust", "email": "rust@example.com", "password": password });
    let new = serde_json::from_value(new)?;
    let made = console.create_user(Some(&"rust-1".parse()?), &new).await?.into_inner();
    assert_eq!(made.metadata.name.to_string(), "rust", "2: created");
    let again = console.create_user(Some(&"rust-1".parse()?), &new).await?.into_inner();
    assert_eq!(
        again.metadata.creation_timestamp, made.metadata.creation_timestamp,
        "3: created once"
    );
    let users = console
        .list_users(None, None, None, None, None, None, Some(1), None)
        .await?
        .into_inner();
    assert_eq!((users.total, users.items.len()), (2, 1), "4: listed");
    let missing = console
        .get_user_detail(&"nobody".parse()?)
        .await
        .err()
        .expect("5: a problem");
    assert_eq!(
        missing.status().map(|status| status.as_u16()),
        Some(404),
        "5: a problem"
    );

    let me = me::Client::new_with_client(&url, signed_in);
    let own = me.get_my_user().await?.into_inner();
    assert_eq!(own.user.user_name, name, "6: myself");
    let code = serde_json::from_value(json!({ "code": "000000" }))?;
    assert!(me.verify_my_email(&code).await.is_err(), "7: a status");

    let accounts = accounts::Client::new(&url);
    let user = json!({ "email": "accounts@example.com", "firstName": "Ada" });
    let new = json!({ "user": user, "password": password, "confirmPassword": password });
    let made = accounts.register(None, None, &serde_json::from_value(new)?).await?;
    assert_eq!(made.status().as_u16(), 201, "8: signed up");
    let given = json!({ "email": "accounts@example.com", "password": password });
    let signed_in = accounts
        .login(None, &serde_json::from_value(given)?)
        .await?
        .into_inner();
    assert!(!signed_in.token.is_empty(), "9: signed in");

    let status = verification::Client::new(&url).get_status().await?.into_inner();
    assert!(status.success, "10: an envelope");
    Ok(())
}
