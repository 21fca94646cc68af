//! `/user-batches` of the console group.

use super::wire::{CreateUserBatchRequest, UserBatch, UserBatchList, UserBatchRejectionList};
use crate::{
    access::permission::{UserBatchesCancel, UserBatchesCreate, UserBatchesDelete, UserBatchesGet, UserBatchesList},
    account,
    console::Tag,
    extract::Caller,
    kit::{
        body::Body,
        error::Result,
        http::NoContent,
        id::UserBatchId,
        json::Written,
        listing::{ListRequest, Listing},
    },
};
use poem_openapi::{OpenApi, param::Path};
use tenantry_boxed::boxed;

impl Listing for super::UserBatch {
    type Field = ();
    type Order = ();
    const FIELDS: &'static [(&'static str, ())] = &[("status.phase", ())];
    const ORDERS: &'static [(&'static str, ())] = &[("metadata.creationTimestamp", ())];
}

impl Listing for super::Rejection {
    type Field = ();
    type Order = ();
    const FIELDS: &'static [(&'static str, ())] = &[("code", ())];
    const ORDERS: &'static [(&'static str, ())] = &[("number", ())];
}

/// The operations of acts on many users.
pub struct Api;

#[OpenApi(tag = "Tag::Users")]
#[boxed]
impl Api {
    /// List acts on many users
    ///
    /// Newest first, unless `sort` says otherwise. The last 50 are kept.
    #[oai(path = "/user-batches", method = "get", operation_id = "ListUserBatches")]
    async fn list(
        &self,
        caller: Caller<UserBatchesList>,
        asked: ListRequest<super::UserBatch>,
    ) -> Result<Written<UserBatchList>> {
        let timeline = asked.timeline();
        let fields = asked.fields.into_iter();
        let states: Vec<_> = fields.map(|given| given.values.mapped(str::to_lowercase)).collect();
        let listed = caller.run(async |tx| super::list(tx, &states, &timeline).await).await?;
        Ok(Written::of(&listed.map(Into::into).into()))
    }

    /// Act on many users
    ///
    /// On the users of up to 1000 `names`, or on all that a list of users with this `filter` has now, whoever comes
    /// later. Some are done at a time; `status` says how far it is. For each user the caller needs the permission of
    /// the act on that user alone, and with `filter` that of listing users. The rules of that act hold: whom it is
    /// refused for is told by name, and the others are done. What is done to each is an event of the audit trail. With
    /// `dryRun` nothing is done: `status` says what would be if each was the only one. One is done at a time.
    #[oai(path = "/user-batches", method = "post", operation_id = "CreateUserBatch")]
    async fn create(
        &self,
        caller: Caller<UserBatchesCreate>,
        new: Body<CreateUserBatchRequest>,
    ) -> Result<Written<UserBatch>> {
        let new = new.0.accept()?;
        let made = caller
            .act(async |tx, authority| account::begin_batch(tx, &caller.me, &authority, new).await)
            .await?;
        Ok(Written::of(&made.into()))
    }

    /// See an act on many users
    ///
    /// How far it is, or what became of it.
    #[oai(path = "/user-batches/:name", method = "get", operation_id = "GetUserBatch")]
    async fn get(
        &self,
        caller: Caller<UserBatchesGet>,
        /// Its name.
        name: Path<UserBatchId>,
    ) -> Result<Written<UserBatch>> {
        let found = caller.run(async |tx| super::get(tx, name.0).await).await?;
        Ok(Written::of(&found.into()))
    }

    /// List whom an act was refused for
    ///
    /// Who was last comes first, unless `sort` says otherwise. The first 10000 are kept.
    #[oai(
        path = "/user-batches/:name/rejections",
        method = "get",
        operation_id = "ListUserBatchRejections"
    )]
    async fn rejections(
        &self,
        caller: Caller<UserBatchesGet>,
        /// The act's name.
        name: Path<UserBatchId>,
        asked: ListRequest<super::Rejection>,
    ) -> Result<Written<UserBatchRejectionList>> {
        let timeline = asked.timeline();
        let codes: Vec<_> = asked.fields.into_iter().map(|given| given.values).collect();
        let listed = caller
            .run(async |tx| super::rejections(tx, name.0, &codes, &timeline).await)
            .await?;
        Ok(Written::of(&listed.map(Into::into).into()))
    }

    /// Stop an act on many users
    ///
    /// What was done stays, and is told as before. Doing it twice is doing it once.
    #[oai(
        path = "/user-batches/:name/cancel",
        method = "post",
        operation_id = "CancelUserBatch"
    )]
    async fn cancel(
        &self,
        caller: Caller<UserBatchesCancel>,
        /// Its name.
        name: Path<UserBatchId>,
    ) -> Result<Written<UserBatch>> {
        let stopped = caller.run(async |tx| super::cancel(tx, name.0).await).await?;
        Ok(Written::of(&stopped.into()))
    }

    /// Delete an act on many users
    ///
    /// One that goes on is given up; what was done stays.
    #[oai(path = "/user-batches/:name", method = "delete", operation_id = "DeleteUserBatch")]
    async fn delete(
        &self,
        caller: Caller<UserBatchesDelete>,
        /// Its name.
        name: Path<UserBatchId>,
    ) -> Result<NoContent> {
        caller.run(async |tx| super::remove(tx, name.0).await).await?;
        Ok(NoContent::Done)
    }
}
