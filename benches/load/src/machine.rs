//! Applications that ask for tokens for themselves.

use crate::{
    client::post_form,
    target::{Target, call},
};
use anyhow::{Context, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// An application that says who it is with each request.
pub(crate) struct Machine(String);

impl Machine {
    pub(crate) fn new(name: &str, secret: &str) -> Self {
        Self(format!("Basic {}", STANDARD.encode(format!("{name}:{secret}"))))
    }

    /// Asks for a token, with these parameters besides.
    pub(crate) fn token(&self, path: &str, more: &str) -> Vec<u8> {
        self.post(path, &format!("grant_type=client_credentials{more}"))
    }

    /// Asks what this token is worth.
    pub(crate) fn introspect(&self, path: &str, given: &Value) -> anyhow::Result<Vec<u8>> {
        let token = given["access_token"].as_str().context("a token")?;
        Ok(self.post(path, &format!("token={token}")))
    }

    fn post(&self, path: &str, form: &str) -> Vec<u8> {
        post_form(path, &[("authorization", &self.0)], form)
    }
}

/// Makes an application whose tokens are signed with this algorithm; none where a server knows no applications.
pub(crate) async fn create(target: &Target, name: &str, algorithm: &str) -> anyhow::Result<Option<Machine>> {
    let owner = target.owner("").await?;
    let mut connection = target.connect().await?;
    let spec = json!({ "roles": ["auditor"], "accessTokenAlg": algorithm });
    let new = json!({ "preset": "machine", "metadata": { "name": name }, "spec": spec });
    match connection
        .send(&call("POST", "/applications", &owner, Some(&new)))
        .await?
    {
        200 => {}
        404 => return Ok(None),
        status => bail!("{name}: {status} {}", String::from_utf8_lossy(connection.body())),
    }
    let path = format!("/applications/{name}/secrets");
    let made = connection.json(&call("POST", &path, &owner, Some(&json!({})))).await?;
    let secret = made["spec"]["secret"].as_str().context("a secret")?;
    Ok(Some(Machine::new(name, secret)))
}
