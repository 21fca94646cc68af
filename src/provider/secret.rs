//! The secret by which the tenant proves to a provider who it is: sealed where it is stored.

use crate::kit::{
    db::Tx,
    error::Result,
    id::{ProviderId, TenantId},
    secret::MasterKey,
    text::GivenSecret,
};
use anyhow::Context;

/// Where a secret belongs: it opens for no other tenant and provider.
fn context(tenant: TenantId, id: ProviderId) -> String {
    format!("provider/{tenant}/{id}")
}

pub(super) fn seal(tx: &Tx, master: &MasterKey, id: ProviderId, secret: &GivenSecret) -> Vec<u8> {
    master.seal(&context(tx.tenant(), id), secret.expose().as_bytes())
}

pub(super) fn open(tx: &Tx, master: &MasterKey, id: ProviderId, sealed: Option<&[u8]>) -> Result<Option<GivenSecret>> {
    let Some(sealed) = sealed else { return Ok(None) };
    let plain = master.open(&context(tx.tenant(), id), sealed);
    let plain = plain.context("opening the secret of a provider")?;
    let text = std::str::from_utf8(&plain).context("reading the secret of a provider")?;
    let secret = text
        .parse()
        .map_err(|why| anyhow::anyhow!("the secret of a provider {why}"))?;
    Ok(Some(secret))
}
