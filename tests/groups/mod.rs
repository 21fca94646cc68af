//! Foreign wire formats.

mod accounts;
pub(crate) mod auth_v1;
pub(crate) mod bad_input;
mod gateway_v1;
pub(crate) mod grpc;
mod halo;
mod verification;

use crate::support::{Person, Reply, Tenant};
use reqwest::Method;

/// Sends a body as it is written.
async fn send(person: &Person<'_>, method: Method, path: &str, body: &'static str) -> Reply {
    let request = person.request(method, path).header("content-type", "application/json");
    person.send(request.body(body)).await
}

/// The token of the newest link that was mailed to this address.
async fn link_to(tenant: &Tenant<'_>, address: &str) -> String {
    let mails = tenant.mail_to(address).await;
    let text = mails.first().expect("a message to the address").text().to_owned();
    let (_, rest) = text.split_once("token=").expect("a link in the text");
    rest.split_whitespace().next().unwrap().to_owned()
}
