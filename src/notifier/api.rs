//! `/notifiers` of the console group, as Halo has them.

use super::wire::{SenderConfig, SenderConfigRequest, placed};
use crate::{
    access::permission::{NotifiersSenderConfigGet, NotifiersSenderConfigUpdate, NotifiersVerify},
    account::{self, Trial},
    console::Tag,
    extract::Caller,
    kit::{body::Body, error::Result, json::Written, text::NotifierName},
    sender::wire::SenderTrial,
};
use futures_util::FutureExt;
use poem_openapi::{OpenApi, param::Path};
use tenantry_boxed::boxed;

/// The notifiers' operations.
pub struct Api;

#[OpenApi(prefix_path = "/notifiers", tag = "Tag::Senders")]
#[boxed]
impl Api {
    /// See how mail leaves, as Halo has it
    ///
    /// The first sender, and an empty object if there is none. The password is never shown.
    #[oai(path = "/:name/sender-config", method = "get", operation_id = "FetchSenderConfig")]
    async fn get(
        &self,
        caller: Caller<NotifiersSenderConfigGet>,
        /// The notifier: `default-email-notifier`.
        name: Path<NotifierName>,
    ) -> Result<Written<SenderConfig>> {
        super::check_name(&name)?;
        let first = caller.run(async |tx| super::first(tx).await).await?;
        Ok(Written::of(&first.as_ref().into()))
    }

    /// Change how mail leaves, as Halo has it
    ///
    /// Writes the first sender, or makes it if there is none.
    #[oai(path = "/:name/sender-config", method = "post", operation_id = "SaveSenderConfig")]
    async fn save(
        &self,
        caller: Caller<NotifiersSenderConfigUpdate>,
        /// The notifier: `default-email-notifier`.
        name: Path<NotifierName>,
        new: Body<SenderConfigRequest, SenderConfig>,
    ) -> Result<Written<SenderConfig>> {
        super::check_name(&name)?;
        let Body(new, as_read) = new;
        let bounds = account::bounds_of(&caller, caller.server(), new.host()).await?;
        let read = new.read()?;
        let master = &caller.services.master;
        let written = caller
            .run(async |tx| {
                let first = super::first(tx).await?;
                as_read.check(|| first.as_ref().into())?;
                super::write(tx, master, read, &bounds).await
            })
            .await;
        Ok(Written::of(&Some(&written.map_err(placed)?).into()))
    }

    /// Try a relay before it is kept
    ///
    /// Sends a mail by it to the caller's own address, keeps nothing, and tells each step with the relay's words. If it
    /// is not taken, the steps are in `errors`. Without a password, the stored one is used, if it would go to the same
    /// relay. Up to five times a minute.
    #[oai(
        path = "/default-email-notifier/verify-connection",
        method = "post",
        operation_id = "VerifyConnection"
    )]
    async fn verify(
        &self,
        caller: Caller<NotifiersVerify>,
        asked: Body<SenderConfigRequest, SenderConfig>,
    ) -> Result<Written<SenderTrial>> {
        let bounds = account::bounds_of(&caller, caller.server(), asked.0.host()).await?;
        let read = asked.0.read()?;
        let master = &caller.services.master;
        let draft = caller
            .read(async |tx| super::draft(tx, master, read, &bounds).await)
            .await;
        let (sender, password) = draft.map_err(placed)?;
        let trial = Trial {
            sender,
            password,
            to: None,
            is_stored: false,
        };
        let tried = account::try_out(&caller, caller.server(), trial).boxed().await?;
        Ok(Written::of(&tried.into()))
    }
}
