//! Mail that comes back: by SMTP, and by the reports of mail providers.

mod smtp;
mod webhook;

use crate::support::{Person, Tenant, TestApp, relay::Relay};
use serde_json::{Value, json};

const MESSAGES: &str = "/apis/console/v1alpha1/messages";
const UNDELIVERABLE: &str = "/apis/console/v1alpha1/undeliverable-addresses";
const SENDERS: &str = "/apis/console/v1alpha1/senders";
const DOMAIN: &str = "bounces.example";

/// A server whose mail leaves by this relay and comes back to [`DOMAIN`].
async fn start(relay: &Relay) -> TestApp {
    let url = format!("smtp://127.0.0.1:{}", relay.port);
    TestApp::start_with(|config| {
        config.smtp_url = Some(url);
        config.bounce_domain = Some(DOMAIN.to_owned());
    })
    .await
}

/// Has a code sent to this address, and answers where its bounces go.
async fn send(tenant: &Tenant<'_>, relay: &Relay, address: &str) -> String {
    let ask = json!({ "email": address, "purpose": "register" });
    let path = "/v1/email/send-verification";
    tenant.anybody().post(path, &ask).await.expect(200);
    tenant.app.work().await;
    return_path(relay)
}

/// Where the bounces of the last mail go.
fn return_path(relay: &Relay) -> String {
    let said = relay.last("MAIL");
    let (_, rest) = said.split_once('<').unwrap();
    rest.split_once('>').unwrap().0.to_owned()
}

/// The newest message.
async fn newest(owner: &Person<'_>) -> Value {
    owner.get(MESSAGES).await.expect(200)["items"][0].clone()
}

/// The newest message's state and what is known of why.
async fn state(owner: &Person<'_>) -> (String, Value) {
    let message = newest(owner).await;
    let status = &message["status"];
    (status["state"].as_str().unwrap().to_owned(), status["bounce"].clone())
}

async fn undeliverable(owner: &Person<'_>) -> Vec<Value> {
    let list = owner.get(UNDELIVERABLE).await.expect(200);
    list["items"].as_array().unwrap().clone()
}
