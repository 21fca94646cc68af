//! How a tenant shows that a domain is theirs: by a record that only those who run it can put there.

use super::Domain;
use crate::kit::{dns::Dns, outbound::Outbound, secret::MasterKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// What was found where the record should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The record, by every server that was asked.
    Proof,
    /// Something else: what each server said.
    Other(Vec<String>),
}

/// The name of the record of a domain.
#[must_use]
pub fn record_name(domain: &str) -> String {
    format!("_tenantry-challenge.{domain}")
}

/// The text of the record. It is always the same for a tenant and a domain, and of no use to another tenant.
#[must_use]
pub fn record_text(master: &MasterKey, domain: &Domain) -> String {
    let whose = format!("{}/{}", domain.tenant_id, domain.name);
    let token = URL_SAFE_NO_PAD.encode(master.hash("domain", &whose));
    format!("tenantry-domain={}", token.get(..43).unwrap_or(&token))
}

/// Looks for the record of a domain at the servers of its zone. Nothing that the domain itself serves counts: where it
/// still leads to this server, that would be our own word.
pub async fn look(dns: &Dns, outbound: &Outbound, master: &MasterKey, domain: &Domain) -> Found {
    let (name, text) = (record_name(&domain.name), record_text(master, domain));
    let said = match dns.texts_of_zone(&name, |ip| !outbound.is_inside(ip)).await {
        Ok(said) => said,
        Err(error) => return Found::Other(vec![format!("{error:#}")]),
    };
    let is_there = |texts: &anyhow::Result<Vec<String>>| texts.as_ref().is_ok_and(|texts| texts.contains(&text));
    if said.iter().all(|(_, texts)| is_there(texts)) {
        return Found::Proof;
    }
    let each = said.into_iter().map(|(server, texts)| match texts {
        Ok(texts) if texts.contains(&text) => format!("{server} has it"),
        Ok(texts) if texts.is_empty() => format!("{server} has no text of this name"),
        Ok(texts) => format!("{server} has {texts:?}"),
        Err(error) => format!("{server}: {error:#}"),
    });
    Found::Other(each.map(|said| said.chars().take(300).collect()).collect())
}
