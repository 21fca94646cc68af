//! CAPTCHA, checked at a server that answers as the providers do.

mod acts;
mod outages;
mod pages;
mod policy;
mod verdicts;

use crate::support::{
    PASSWORD, Person, Reply, Tenant, TestApp,
    siteverify::{SECRET, SITE_KEY, Siteverify},
};
use reqwest::Method;
use serde_json::{Value, json};

const POLICY: &str = "/apis/console/v1alpha1/policies/captcha";
/// The host of the tenant's own pages.
const HOST: &str = "id.example.com";
const PROVIDERS: [&str; 3] = ["turnstile", "hcaptcha", "recaptcha"];

/// A server that people reach at [`HOST`], and where it has tokens checked.
async fn start() -> (TestApp, Siteverify) {
    let siteverify = Siteverify::start();
    let url = siteverify.url.clone();
    let app = TestApp::start_with(|config| {
        config.public_url = Some(format!("https://{HOST}").parse().unwrap());
        config.captcha_url = Some(url);
    })
    .await;
    (app, siteverify)
}

/// A policy of this provider that asks for a CAPTCHA at every sign-in, with these changes.
fn spec(provider: &str, changes: Value) -> Value {
    let mut spec = json!({
        "provider": provider,
        "siteKey": SITE_KEY,
        "secret": SECRET,
        "required": { "signIn": "always" },
    });
    if let Value::Object(changes) = changes {
        spec.as_object_mut().unwrap().extend(changes);
    }
    spec
}

async fn put(owner: &Person<'_>, spec: Value) -> Reply {
    owner.put(POLICY, &json!({ "spec": spec })).await
}

/// What a widget of the provider on the tenant's own page says when it is solved for this act.
fn solved(provider: &str, action: &str) -> Value {
    match provider {
        "turnstile" => json!({ "hostname": HOST, "action": action, "cdata": "", "metadata": {} }),
        "hcaptcha" => json!({ "hostname": HOST, "credit": false }),
        _ => json!({ "hostname": HOST, "action": action.replace('-', "_"), "score": 0.9 }),
    }
}

/// Posts as nobody in particular, with this token.
async fn post_with(tenant: &Tenant<'_>, path: &str, body: &Value, token: Option<&str>) -> Reply {
    let anybody = tenant.anybody();
    let request = anybody.request(Method::POST, path).json(body);
    let request = match token {
        Some(token) => request.header("X-Captcha-Token", token),
        None => request,
    };
    anybody.send(request).await
}

/// Signs the owner in, with this token.
async fn sign_in(tenant: &Tenant<'_>, token: Option<&str>) -> Reply {
    let given = json!({ "username": "admin", "password": PASSWORD });
    post_with(tenant, "/v1/login", &given, token).await
}
