//! What is limited: passwords and codes, given from many places.

use super::{Mail, Person, Reply, Tenant, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) const CONSOLE: &str = "/apis/console/v1alpha1";
pub(crate) const LIMITS: &str = "/apis/console/v1alpha1/policies/limits";
pub(crate) const SEND: &str = "/v1/email/send-verification";
pub(crate) const VERIFY: &str = "/v1/email/verify";
pub(crate) const BAD: &str = "not the password at all";

/// A server that believes what this machine says of where a request comes from.
pub(crate) async fn behind_a_proxy() -> TestApp {
    let proxy = "127.0.0.0/8".parse().unwrap();
    TestApp::start_with(|config| config.trusted_proxies = vec![proxy]).await
}

/// Somebody at this address of the Internet.
pub(crate) struct Place<'a> {
    tenant: Tenant<'a>,
    address: String,
}

impl Place<'_> {
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        let anybody = self.tenant.anybody();
        let request = anybody.request(Method::POST, path);
        let request = request.header("x-forwarded-for", &self.address).json(body);
        anybody.send(request).await
    }

    pub(crate) async fn sign_in(&self, login: &str, password: &str) -> Reply {
        self.post("/v1/login", &credentials(login, password)).await
    }
}

pub(crate) fn at<'a>(tenant: &Tenant<'a>, address: impl Into<String>) -> Place<'a> {
    Place {
        tenant: tenant.clone(),
        address: address.into(),
    }
}

pub(crate) fn credentials(login: &str, password: &str) -> Value {
    json!({ "username": login, "password": password })
}

pub(crate) async fn sign_in(tenant: &Tenant<'_>, login: &str, password: &str) -> Reply {
    tenant.anybody().post("/v1/login", &credentials(login, password)).await
}

/// A wrong password that was looked at.
pub(crate) async fn fail(tenant: &Tenant<'_>, login: &str) {
    sign_in(tenant, login, BAD)
        .await
        .expect_problem(401, "credentials_invalid");
}

/// The seconds to wait that an answer tells, if it was a refusal for this reason by this limit.
#[track_caller]
pub(crate) fn wait_of(reply: &Reply, code: &str, limit: &str) -> i64 {
    assert_eq!(reply.status, 429, "{}", reply.text);
    // The envelope has words and no code.
    let is_said = reply.json()["success"] == false
        || [code.to_owned(), code.to_ascii_uppercase()]
            .iter()
            .any(|code| reply.text.contains(&format!("\"{code}\"")));
    assert!(is_said, "{}", reply.text);
    let policy = reply.header("ratelimit-policy");
    assert!(policy.starts_with(&format!("\"{limit}\";")), "{policy}");
    reply.header("retry-after").parse().unwrap()
}

/// The same, of a try at a password or a code.
#[track_caller]
pub(crate) fn wait_for(reply: &Reply, limit: &str) -> i64 {
    wait_of(reply, "too_many_attempts", limit)
}

/// Changes some limits of the tenant and leaves the others.
pub(crate) async fn set_limits(owner: &Person<'_>, changes: Value) {
    let mut spec = owner.get(LIMITS).await.expect(200)["spec"].take();
    for (limit, value) in changes.as_object().unwrap() {
        let of = spec[limit].as_object_mut().expect("a limit of this name");
        of.extend(value.as_object().unwrap().clone());
    }
    owner.put(LIMITS, &json!({ "spec": spec })).await.expect(200);
}

/// The newest mail to this address, as an owner sees it who is signed in.
pub(crate) async fn newest(owner: &Person<'_>, address: &str) -> Mail {
    owner.tenant.app.work().await;
    let mut mails = owner.inbox(address).await;
    assert!(!mails.is_empty(), "no message to {address}");
    mails.swap_remove(0)
}

/// A code for this address and purpose, asked for by anybody.
pub(crate) async fn code_for(owner: &Person<'_>, address: &str, purpose: &str) -> String {
    let ask = json!({ "email": address, "purpose": purpose });
    owner.tenant.anybody().post(SEND, &ask).await.expect(200);
    newest(owner, address).await.code()
}
