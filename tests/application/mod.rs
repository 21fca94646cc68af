//! Applications and APIs: what they begin with, what is refused, and who may give them what.

mod api;
mod client;
mod escalation;
mod machine;
mod resource_servers;

use crate::support::{Person, Reply, roles::CONSOLE};
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) const APPLICATIONS: &str = "/apis/console/v1alpha1/applications";
pub(crate) const APIS: &str = "/apis/console/v1alpha1/resource-servers";

/// Asks for an application of this name and preset with this `spec`.
pub(crate) async fn create(by: &Person<'_>, name: &str, preset: &str, spec: Value) -> Reply {
    let new = json!({ "preset": preset, "metadata": { "name": name }, "spec": spec });
    by.post(APPLICATIONS, &new).await
}

/// Makes one.
pub(crate) async fn make(by: &Person<'_>, name: &str, preset: &str, spec: Value) -> Value {
    create(by, name, preset, spec).await.expect(200)
}

async fn patch(by: &Person<'_>, name: &str, spec: Value) -> Reply {
    let request = by.request(Method::PATCH, &format!("{APPLICATIONS}/{name}"));
    by.send(request.json(&json!({ "spec": spec }))).await
}

/// Makes a secret, and returns its name and the secret itself.
pub(crate) async fn secret_of(by: &Person<'_>, name: &str) -> (String, String) {
    let made = by.post(&format!("{APPLICATIONS}/{name}/secrets"), &json!({})).await;
    let made = made.expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made["metadata"]["name"]), text(&made["spec"]["secret"]))
}

/// The newest event of this action.
async fn event(owner: &Person<'_>, action: &str) -> Value {
    let list = owner
        .get(&format!("{CONSOLE}/audit-events?action={action}&size=1"))
        .await;
    list.expect(200)["items"][0].clone()
}
