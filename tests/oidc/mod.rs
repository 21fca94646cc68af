//! A tenant as an authorization server.

mod authorize;
mod back_channel;
mod conformance;
mod consent;
mod death;
mod discovery;
mod flow;
mod introspect;
mod keys;
mod logout;
mod origins;
mod own;
mod preview;
mod refresh;
mod revoke;
mod token;
mod twins;
mod used;
mod userinfo;

use crate::support::{Person, Reply, Tenant};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
pub(crate) use flow::signed_in;
use jsonwebtoken::{DecodingKey, Validation, jwk::Jwk};
use reqwest::Method;
use serde_json::{Value, json};
pub(crate) use used::{end_told_sessions, use_application};

pub(crate) const JWKS: &str = "/.well-known/jwks.json";

/// The keys that a tenant publishes.
pub(crate) async fn published(tenant: &Tenant<'_>) -> Vec<Value> {
    let mut keys = tenant.anybody().get(JWKS).await.expect(200);
    match keys["keys"].take() {
        Value::Array(keys) => keys,
        other => panic!("{other}"),
    }
}

/// The names of keys.
pub(crate) fn kids(keys: &[Value]) -> Vec<String> {
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// What a token says, without a look at its signature.
pub(crate) fn decode(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut part = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (part(), part())
}

/// The claims of a token, whose signature must be that of one of these keys, as another library reads them.
#[track_caller]
pub(crate) fn verify(token: &str, keys: &[Value]) -> Value {
    let header = jsonwebtoken::decode_header(token).unwrap();
    let key = keys.iter().find(|key| key["kid"] == *header.kid.as_ref().unwrap());
    let key: Jwk = serde_json::from_value(key.expect("the key is published").clone()).unwrap();
    let mut validation = Validation::new(header.alg);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let decoded = jsonwebtoken::decode::<Value>(token, &DecodingKey::from_jwk(&key).unwrap(), &validation);
    decoded.unwrap().claims
}

pub(crate) const TOKEN: &str = "/oauth2/token";
pub(crate) const INTROSPECT: &str = "/oauth2/introspect";
pub(crate) const REVOKE: &str = "/oauth2/revoke";
/// An API that trusts our tokens.
pub(crate) const ORDERS: &str = "https://orders.example";

/// Sends a form to an endpoint, by HTTP Basic if there is somebody to be.
pub(crate) async fn post_form(
    tenant: &Tenant<'_>,
    path: &str,
    by: Option<(&str, &str)>,
    form: &[(&str, &str)],
) -> Reply {
    let anybody = tenant.anybody();
    let mut request = anybody.request(Method::POST, path).form(form);
    if let Some((id, secret)) = by {
        request = request.basic_auth(id, Some(secret));
    }
    anybody.send(request).await
}

/// Makes an application for itself with this `spec`, and returns its secret.
pub(crate) async fn machine(owner: &Person<'_>, name: &str, spec: Value) -> String {
    crate::application::make(owner, name, "machine", spec).await;
    crate::application::secret_of(owner, name).await.1
}

/// Registers an API with the scopes `read` and `write`, and returns its name and a secret.
pub(crate) async fn api(owner: &Person<'_>, audience: &str, spec: &Value) -> (String, String) {
    let mut whole = json!({
        "audience": audience, "displayName": "Orders", "scopes": [{ "scope": "read" }, { "scope": "write" }],
    });
    let more = spec.as_object().unwrap().clone();
    whole.as_object_mut().unwrap().extend(more);
    let made = owner.post(crate::application::APIS, &json!({ "spec": whole })).await;
    let name = made.expect(200)["metadata"]["name"].as_str().unwrap().to_owned();
    let path = format!("{}/{name}/secrets", crate::application::APIS);
    let secret = owner.post(&path, &json!({})).await.expect(200);
    (name, secret["spec"]["secret"].as_str().unwrap().to_owned())
}

/// The access token that an application gets for itself.
pub(crate) async fn token_of(tenant: &Tenant<'_>, by: (&str, &str), more: &[(&str, &str)]) -> String {
    let form = [&[("grant_type", "client_credentials")], more].concat();
    let answer = post_form(tenant, TOKEN, Some(by), &form).await.expect(200);
    answer["access_token"].as_str().unwrap().to_owned()
}

/// A request with this access token.
pub(crate) async fn call(tenant: &Tenant<'_>, method: Method, path: &str, token: &str) -> Reply {
    let anybody = tenant.anybody();
    let request = anybody.request(method, path).bearer_auth(token);
    anybody.send(request).await
}

/// Checks an error of the protocol (RFC 6749 §5.2).
#[track_caller]
pub(crate) fn assert_refused(reply: &Reply, status: u16, word: &str) {
    assert_eq!(reply.status.as_u16(), status, "{}", reply.text);
    assert!(
        reply.header("content-type").starts_with("application/json"),
        "{reply:?}"
    );
    let body = reply.json();
    assert_eq!(body["error"], word, "{body}");
    let description = body["error_description"].as_str().unwrap();
    assert!(!description.is_empty() && description.is_ascii(), "{body}");
    assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
}

/// The statements of a request, but for whether anything was changed, which PostgreSQL is asked, and for its tenant,
/// which is asked for once a second of the real clock.
pub(crate) fn asked(reply: &Reply) -> Vec<String> {
    let mut issued = crate::support::statements::of(reply.header("x-request-id"));
    if let Some(at) = issued.iter().position(|sql| sql.contains("FROM \"tenant\"")) {
        // With its transaction.
        issued.drain(at - 1..=at + 1);
    }
    issued.into_iter().filter(|sql| !sql.contains("tenant_epoch")).collect()
}
