//! The tenants of the instance, as its operators see them.

mod own;
mod quotas;
mod settings;
mod tenants;

use crate::support::{PASSWORD, Person, TestApp, smtp::Sink};
use serde_json::{Value, json};

/// The tenants' operations.
pub(crate) const TENANTS: &str = "/apis/system/v1alpha1/tenants";

/// A tenant of this name that is to be founded.
pub(crate) fn new_tenant(name: &str) -> Value {
    let owner = json!({ "email": format!("owner@{name}.example") });
    json!({ "metadata": { "name": name }, "spec": { "displayName": name, "owner": owner } })
}

/// A server whose mail leaves by a relay.
async fn with_relay() -> (TestApp, Sink) {
    let relay = Sink::start(0, &[]);
    let url = relay.url();
    (TestApp::start_with(|config| config.smtp_url = Some(url)).await, relay)
}

/// Founds a tenant, and returns the token of its owner's invitation.
async fn found(operator: &Person<'_>, relay: &mut Sink, name: &str) -> String {
    operator.post(TENANTS, &new_tenant(name)).await.expect(200);
    operator.tenant.app.work().await;
    token(&relay.next())
}

fn token(mail: &Value) -> String {
    let text = mail["text"].as_str().unwrap();
    let (_, rest) = text.split_once("?token=").expect("a link in the text");
    rest.split_whitespace().next().unwrap().to_owned()
}

/// Somebody who signs up by an invitation.
fn invited(name: &str, of: &str, token: &str) -> Value {
    json!({ "username": name, "email": format!("owner@{of}.example"), "password": PASSWORD, "code": token })
}
