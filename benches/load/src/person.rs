//! An application that people sign in to, which keeps no secret and whose ID tokens are signed with Ed25519.

use crate::{
    client::{Connection, post_form, request},
    target::{self, Target, call},
};
use anyhow::{Context, bail};
use serde_json::{Value, json};

const CALLBACK: &str = "https://bench.example/callback";
/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Makes the application; whether the server knows any.
pub(crate) async fn create(target: &Target, name: &str) -> anyhow::Result<bool> {
    let owner = target.owner("").await?;
    let spec = json!({ "redirectUris": [CALLBACK], "firstParty": true, "idTokenAlg": "EdDSA" });
    let new = json!({ "preset": "single-page", "metadata": { "name": name }, "spec": spec });
    let mut connection = target.connect().await?;
    match connection
        .send(&call("POST", "/applications", &owner, Some(&new)))
        .await?
    {
        // A row before this one made it.
        200 | 409 => Ok(true),
        404 => Ok(false),
        status => bail!("{name}: {status} {}", String::from_utf8_lossy(connection.body())),
    }
}

/// Signs a person in to it, and returns its tokens.
pub(crate) async fn sign_in(connection: &mut Connection, application: &str, person: usize) -> anyhow::Result<Value> {
    let given = json!({ "username": target::name(person), "password": target::PASSWORD });
    let path = "/apis/console/v1alpha1/sessions";
    let cookie = connection.cookie(&request("POST", path, &[], Some(&given))).await?;
    let path = format!(
        "/oauth2/authorize?client_id={application}&redirect_uri={CALLBACK}&response_type=code&scope=openid\
         &code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    let sent = connection
        .location(&request("GET", &path, &[("cookie", &cookie)], None))
        .await?;
    let code = sent.split("code=").nth(1).and_then(|rest| rest.split('&').next());
    let code = code.with_context(|| format!("no code in {sent}"))?;
    let form = format!(
        "grant_type=authorization_code&client_id={application}&code={code}&redirect_uri={CALLBACK}\
         &code_verifier={VERIFIER}"
    );
    connection.json(&post_form("/oauth2/token", &[], &form)).await
}

/// Renews the application's tokens by this one.
pub(crate) fn renew(path: &str, application: &str, token: &str) -> Vec<u8> {
    let form = format!("grant_type=refresh_token&client_id={application}&refresh_token={token}");
    post_form(path, &[], &form)
}

/// Asks who the person of these tokens is.
pub(crate) fn userinfo(path: &str, tokens: &Value) -> anyhow::Result<Vec<u8>> {
    let token = tokens["access_token"].as_str().context("a token")?;
    Ok(request(
        "GET",
        path,
        &[("authorization", &format!("Bearer {token}"))],
        None,
    ))
}
