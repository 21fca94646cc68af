//! `/senders` of the console group, and the policy beside them.

use super::wire::{
    CreateSenderRequest, OrderSendersRequest, PatchSenderRequest, Sender, SenderList, SenderTrial, UpdateSenderRequest,
    VerifySenderRequest, placed,
};
use super::{
    dkim,
    dkim_wire::{CreateDkimKeyRequest, DkimCheck, DkimKey, DkimKeyList},
    records,
};
use crate::{
    access::permission::{
        PoliciesGet, PoliciesUpdate, SendersCreate, SendersDelete, SendersDkimKeysCheck, SendersDkimKeysCreate,
        SendersDkimKeysDelete, SendersGet, SendersList, SendersUpdate, SendersVerify,
    },
    account::{self, Trial},
    console::Tag,
    extract::Caller,
    kit::{
        body::{Body, Patch},
        db::Tx,
        error::Result,
        http::NoContent,
        json::Written,
        object::Versioned,
        text::{Selector, SenderName},
    },
    setting::wire::{self, policy_objects},
};
use futures_util::FutureExt;
use poem_openapi::{OpenApi, param::Path};
use tenantry_boxed::boxed;

policy_objects! {
    /// How mail leaves where no sender of the tenant's own works.
    MailPolicy: super::MailPolicy,
    /// How mail leaves where no sender of the tenant's own works, from now on.
    UpdateMailPolicyRequest: super::MailPolicy
}

fn answer(sender: &super::Sender) -> Versioned<Sender> {
    Versioned::with_others(&sender.into(), sender.version())
}

/// The senders' operations.
pub struct Api;

#[OpenApi(tag = "Tag::Senders")]
#[boxed]
impl Api {
    /// List senders
    ///
    /// In the order in which they are used: mail leaves by the first that is on and works. Where none does, it leaves by
    /// that of the instance, if that may be; see the policy `mail`.
    #[oai(path = "/senders", method = "get", operation_id = "ListSenders")]
    async fn list(&self, caller: Caller<SendersList>) -> Result<Written<SenderList>> {
        let all = caller.run(async |tx| super::all(tx).await).await?;
        Ok(Written::of(&SenderList::of(&all)))
    }

    /// Make a sender
    ///
    /// The last in the order. A tenant has up to ten.
    #[oai(path = "/senders", method = "post", operation_id = "CreateSender")]
    async fn create(&self, caller: Caller<SendersCreate>, new: Body<CreateSenderRequest>) -> Result<Versioned<Sender>> {
        let (name, spec, password) = new.0.read();
        let bounds = account::bounds_of(&caller, caller.server(), &spec.host).await?;
        let master = &caller.services.master;
        let made = caller
            .run(async |tx| super::create(tx, master, (&name, spec, password), &bounds).await)
            .await;
        Ok(answer(&made.map_err(placed)?))
    }

    /// Put senders in order
    ///
    /// Each of them is named once.
    #[oai(path = "/senders/-/order", method = "put", operation_id = "OrderSenders")]
    async fn order(
        &self,
        caller: Caller<SendersUpdate>,
        new: Body<OrderSendersRequest>,
    ) -> Result<Written<SenderList>> {
        let ordered = caller.run(async |tx| super::reorder(tx, &new.names).await).await?;
        Ok(Written::of(&SenderList::of(&ordered)))
    }

    /// See a sender
    ///
    /// With how it stands. The password is never shown.
    #[oai(path = "/senders/:name", method = "get", operation_id = "GetSender")]
    async fn get(
        &self,
        caller: Caller<SendersGet>,
        /// The sender's name.
        name: Path<SenderName>,
    ) -> Result<Versioned<Sender>> {
        Ok(answer(&caller.run(async |tx| super::get(tx, &name).await).await?))
    }

    /// Replace a sender
    ///
    /// What is absent is as for a new one, but for the password, which stays.
    #[oai(path = "/senders/:name", method = "put", operation_id = "UpdateSender")]
    async fn update(
        &self,
        caller: Caller<SendersUpdate>,
        /// The sender's name.
        name: Path<SenderName>,
        new: Body<UpdateSenderRequest, Sender>,
    ) -> Result<Versioned<Sender>> {
        let Body(new, as_read) = new;
        let (expected, spec, password) = new.read();
        let bounds = account::bounds_of(&caller, caller.server(), &spec.host).await?;
        let master = &caller.services.master;
        let written = caller
            .run(async |tx| {
                let old = super::get_for_update(tx, &name).await?;
                as_read.check(|| (&old).into())?;
                super::update(tx, master, (old, expected), (spec, password), &bounds).await
            })
            .await;
        Ok(answer(&written.map_err(placed)?))
    }

    /// Change a part of a sender
    ///
    /// What is absent stays as it is, and null removes.
    #[oai(path = "/senders/:name", method = "patch", operation_id = "PatchSender")]
    async fn patch(
        &self,
        caller: Caller<SendersUpdate>,
        /// The sender's name.
        name: Path<SenderName>,
        new: Patch<PatchSenderRequest, Sender>,
    ) -> Result<Versioned<Sender>> {
        let Patch(new, as_read) = new;
        let before = caller.read(async |tx| super::get(tx, &name).await).await?;
        let bounds = account::bounds_of(&caller, caller.server(), new.host(&before)).await?;
        let (expected, master) = (new.expected(), &caller.services.master);
        let written = caller
            .run(async |tx| {
                let old = super::get_for_update(tx, &name).await?;
                as_read.check(|| (&old).into())?;
                let changed = new.accept(&old);
                super::update(tx, master, (old, expected), changed, &bounds).await
            })
            .await;
        Ok(answer(&written.map_err(placed)?))
    }

    /// Delete a sender
    ///
    /// What it sent stays in the log.
    #[oai(path = "/senders/:name", method = "delete", operation_id = "DeleteSender")]
    async fn delete(
        &self,
        caller: Caller<SendersDelete>,
        /// The sender's name.
        name: Path<SenderName>,
    ) -> Result<NoContent> {
        caller
            .run(async |tx| super::remove(tx, super::get_for_update(tx, &name).await?).await)
            .await?;
        Ok(NoContent::Done)
    }

    /// Try a sender
    ///
    /// Sends a mail by it, to the caller's own address unless `to` says otherwise, and tells each step with the relay's
    /// words. If it is not taken, the steps are in `errors`. A sender that was passed over is used again if it works. Up
    /// to five times a minute.
    #[oai(path = "/senders/:name/verify", method = "post", operation_id = "VerifySender")]
    async fn verify(
        &self,
        caller: Caller<SendersVerify>,
        /// The sender's name.
        name: Path<SenderName>,
        asked: Body<VerifySenderRequest>,
    ) -> Result<Written<SenderTrial>> {
        let sender = caller.read(async |tx| super::get(tx, &name).await).await?;
        let trial = Trial {
            password: sender.password(caller.tenant.id, &caller.services.master)?,
            sender,
            to: asked.0.to,
            is_stored: true,
        };
        let tried = account::try_out(&caller, caller.server(), trial).boxed().await?;
        Ok(Written::of(&tried.into()))
    }

    /// Use a sender again
    ///
    /// One that is passed over, at once, instead of when it is tried next.
    #[oai(path = "/senders/:name/resume", method = "post", operation_id = "ResumeSender")]
    async fn resume(
        &self,
        caller: Caller<SendersUpdate>,
        /// The sender's name.
        name: Path<SenderName>,
    ) -> Result<Versioned<Sender>> {
        let resumed = caller
            .run(async |tx| super::resume(tx, super::get_for_update(tx, &name).await?).await)
            .await?;
        Ok(answer(&resumed))
    }

    /// List the keys of a sender
    ///
    /// By which its mail is signed (DKIM), the oldest first, each with the record to be published for it.
    #[oai(path = "/senders/:name/dkim-keys", method = "get", operation_id = "ListDkimKeys")]
    async fn list_keys(
        &self,
        caller: Caller<SendersGet>,
        /// The sender's name.
        name: Path<SenderName>,
    ) -> Result<Written<DkimKeyList>> {
        let list = async |tx: &Tx| dkim::keys(tx, &super::get(tx, &name).await?).await;
        Ok(Written::of(&DkimKeyList::of(&caller.run(list).await?)))
    }

    /// Make a key of a sender
    ///
    /// For the domain that mail comes from, or one above it. It signs when `CheckDkimKey` has seen its record; where
    /// another of the same algorithm signs already, 48 hours after that. One of each algorithm may sign at a time, and a
    /// sender has up to four.
    #[oai(path = "/senders/:name/dkim-keys", method = "post", operation_id = "CreateDkimKey")]
    async fn create_key(
        &self,
        caller: Caller<SendersDkimKeysCreate>,
        /// The sender's name.
        name: Path<SenderName>,
        new: Body<CreateDkimKeyRequest>,
    ) -> Result<Written<DkimKey>> {
        let CreateDkimKeyRequest { algorithm, domain } = new.0;
        let made = dkim::make(algorithm).await?;
        let master = &caller.services.master;
        let added = caller
            .run(async |tx| {
                let sender = super::get_for_update(tx, &name).await?;
                dkim::add_key(tx, master, &sender, (algorithm, domain, made)).await
            })
            .await?;
        Ok(Written::of(&(&added).into()))
    }

    /// Look for the record of a key
    ///
    /// And for what else says who may send mail of the domain. A key whose record is there begins to sign. Up to ten
    /// times a minute.
    #[oai(
        path = "/senders/:name/dkim-keys/:selector/check",
        method = "post",
        operation_id = "CheckDkimKey"
    )]
    async fn check_key(
        &self,
        caller: Caller<SendersDkimKeysCheck>,
        /// The sender's name.
        name: Path<SenderName>,
        /// What the key's record is found by.
        selector: Path<Selector>,
    ) -> Result<Written<DkimCheck>> {
        let count = async |tx: &Tx| {
            let sender = super::get(tx, &name).await?;
            dkim::count_look(tx).await?;
            Ok((
                dkim::key(tx, &sender, &selector.to_string()).await?,
                sender.domain().to_owned(),
            ))
        };
        let (key, from) = caller.write_unaudited(count).await?;
        let found = records::look(&caller.server().dns, &key, &from).await;
        let key = caller
            .run(async |tx| {
                let sender = super::get_for_update(tx, &name).await?;
                dkim::checked(tx, &sender, &selector.to_string(), &found).await
            })
            .await?;
        Ok(Written::of(&DkimCheck::of(&key, found)))
    }

    /// Delete a key of a sender
    ///
    /// It signs no more. Its record may go when the mail that it signed has arrived.
    #[oai(
        path = "/senders/:name/dkim-keys/:selector",
        method = "delete",
        operation_id = "DeleteDkimKey"
    )]
    async fn delete_key(
        &self,
        caller: Caller<SendersDkimKeysDelete>,
        /// The sender's name.
        name: Path<SenderName>,
        /// What the key's record is found by.
        selector: Path<Selector>,
    ) -> Result<NoContent> {
        caller
            .run(async |tx| {
                let sender = super::get_for_update(tx, &name).await?;
                dkim::remove_key(tx, &sender, &selector.to_string()).await
            })
            .await?;
        Ok(NoContent::Done)
    }

    /// See how mail leaves
    ///
    /// Where no sender of the tenant's own works.
    #[oai(path = "/policies/mail", method = "get", operation_id = "GetMailPolicy")]
    async fn get_policy(&self, caller: Caller<PoliciesGet>) -> Result<Versioned<MailPolicy>> {
        wire::show(&caller).await
    }

    /// Decide how mail leaves
    ///
    /// Where no sender of the tenant's own works. Holds from the next message on.
    #[oai(path = "/policies/mail", method = "put", operation_id = "UpdateMailPolicy")]
    async fn update_policy(
        &self,
        caller: Caller<PoliciesUpdate>,
        new: Body<UpdateMailPolicyRequest, MailPolicy>,
    ) -> Result<Versioned<MailPolicy>> {
        wire::put(&caller, new).await
    }
}
