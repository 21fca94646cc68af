//! `/notifiers/default-email-notifier/bounces` of the console group.

use super::wire::{BounceReport, BounceSecret, NewBounceSecret, ReportAnswer};
use crate::{
    access::permission::{
        BouncesCreate, NotifiersBounceSecretCreate, NotifiersBounceSecretDelete, NotifiersBounceSecretGet,
    },
    account,
    console::Tag,
    extract::{Caller, Guest},
    kit::{body::SignedBody, error::Result, http::NoContent, json::Written},
};
use poem_openapi::{OpenApi, param::Header};
use tenantry_boxed::boxed;

/// Where reports are sent, in the group.
pub(super) const PATH: &str = "/notifiers/default-email-notifier/bounces";

fn signature() -> Option<String> {
    "t=1764408600,v1=5f3c1b0e7d2a49c8b6f0d1e2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6"
        .to_owned()
        .into()
}

/// The operations on bounces.
pub struct Api;

#[OpenApi(prefix_path = "/notifiers/default-email-notifier", tag = "Tag::Senders")]
#[boxed]
impl Api {
    /// Report bounces
    ///
    /// What a mail provider, or a program in front of it, knows of messages that left: that one came back, is late,
    /// arrived, or that somebody complains of it. The request is signed by the secret of the tenant: `t` is now in
    /// seconds, and `v1` the HMAC-SHA256, in hexadecimal, of these seconds, a dot, and the bytes of the body. It is good
    /// for five minutes, and who sends it twice changes nothing. Up to 1,000 events and 1 MiB.
    #[oai(path = "/bounces", method = "post", operation_id = "ReportBounces")]
    async fn report(
        &self,
        guest: Guest<BouncesCreate>,
        /// `t=<seconds>,v1=<signature>`.
        #[oai(name = "X-Tenantry-Signature", example = "signature")]
        signature: Header<Option<String>>,
        report: SignedBody<BounceReport>,
    ) -> Result<ReportAnswer> {
        let services = &guest.services;
        let secrets = guest
            .read(async |tx| super::secrets(tx, &services.master).await)
            .await?;
        let report = report.open(signature.0.as_deref(), &secrets, services.clock.now())?;
        let reports = report.read(&services.master, guest.tenant.bounce_key);
        let counted = guest.run(async |tx| account::take_reports(tx, &reports).await).await?;
        Ok(counted.into())
    }

    /// See whether bounces can be reported
    ///
    /// Where reports are sent, and since when there is a secret that they are signed by.
    #[oai(path = "/bounce-secret", method = "get", operation_id = "GetBounceSecret")]
    async fn get(&self, caller: Caller<NotifiersBounceSecretGet>) -> Result<Written<BounceSecret>> {
        let standing = caller.run(async |tx| super::standing(tx).await).await?;
        Ok(Written::of(&BounceSecret::new(&caller.tenant_url(), standing)))
    }

    /// Make the secret that reports of bounces are signed by
    ///
    /// It is shown only now. The one before is good for another 24 hours.
    #[oai(path = "/bounce-secret", method = "post", operation_id = "CreateBounceSecret")]
    async fn create(&self, caller: Caller<NotifiersBounceSecretCreate>) -> Result<Written<NewBounceSecret>> {
        let master = &caller.services.master;
        let secret = caller.run(async |tx| super::create(tx, master).await).await?;
        Ok(Written::of(&NewBounceSecret::new(&secret)))
    }

    /// Take no reports of bounces any more
    ///
    /// The secret is good no more, nor is the one before.
    #[oai(path = "/bounce-secret", method = "delete", operation_id = "DeleteBounceSecret")]
    async fn delete(&self, caller: Caller<NotifiersBounceSecretDelete>) -> Result<NoContent> {
        caller.run(async |tx| super::remove(tx).await).await?;
        Ok(NoContent::Done)
    }
}
