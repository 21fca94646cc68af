//! `/user-imports` of the console group.

use super::wire::{UserImport, UserImportList, UserImportRejectionList};
use crate::{
    access::permission::{UserImportsCreate, UserImportsDelete, UserImportsGet, UserImportsList},
    account,
    console::Tag,
    extract::Caller,
    kit::{
        error::Result,
        form::UserImportForm,
        http::NoContent,
        id::UserImportId,
        json::Written,
        listing::{ListRequest, Listing},
    },
};
use poem_openapi::{OpenApi, param::Path};
use tenantry_boxed::boxed;

impl Listing for super::UserImport {
    type Field = ();
    type Order = ();
    const FIELDS: &'static [(&'static str, ())] = &[("status.phase", ())];
    const ORDERS: &'static [(&'static str, ())] = &[("metadata.creationTimestamp", ())];
}

impl Listing for super::Rejection {
    type Field = ();
    type Order = ();
    const FIELDS: &'static [(&'static str, ())] = &[("code", ())];
    const ORDERS: &'static [(&'static str, ())] = &[("row", ())];
}

/// The operations of imports of users.
pub struct Api;

#[OpenApi(tag = "Tag::Users")]
#[boxed]
impl Api {
    /// List imports of users
    ///
    /// Newest first, unless `sort` says otherwise. The last 50 are kept.
    #[oai(path = "/user-imports", method = "get", operation_id = "ListUserImports")]
    async fn list(
        &self,
        caller: Caller<UserImportsList>,
        asked: ListRequest<super::UserImport>,
    ) -> Result<Written<UserImportList>> {
        let timeline = asked.timeline();
        let fields = asked.fields.into_iter();
        let states: Vec<_> = fields.map(|given| given.values.mapped(str::to_lowercase)).collect();
        let listed = caller.run(async |tx| super::list(tx, &states, &timeline).await).await?;
        Ok(Written::of(&listed.map(Into::into).into()))
    }

    /// Import users
    ///
    /// From the part `file`, which may have up to 1 GiB: a table with a header (`csv`), an object in each line as users are
    /// exported (`jsonl`), the export of a realm of Keycloak (`keycloak`), users of Auth0 (`auth0`), what
    /// `firebase auth:export` writes (`firebase`, whose hashes are read with `hashConfig`), or users of Halo (`halo`). Ids of
    /// this server, times of making, proven addresses and hashes of passwords are kept; nobody is sent anything. A row
    /// whose user is there already changes nothing, so the same file may come again. Roles must be the caller's own to
    /// give. With `dryRun` nothing is done: `status` says what would be. One is done at a time.
    #[oai(path = "/user-imports", method = "post", operation_id = "CreateUserImport")]
    async fn create(&self, caller: Caller<UserImportsCreate>, form: UserImportForm) -> Result<Written<UserImport>> {
        let made = account::import_users(&caller, caller.server(), form.0).await?;
        Ok(Written::of(&made.into()))
    }

    /// See an import of users
    ///
    /// How far it is, or what became of it.
    #[oai(path = "/user-imports/:name", method = "get", operation_id = "GetUserImport")]
    async fn get(
        &self,
        caller: Caller<UserImportsGet>,
        /// Its name.
        name: Path<UserImportId>,
    ) -> Result<Written<UserImport>> {
        let found = caller.run(async |tx| super::get(tx, name.0).await).await?;
        Ok(Written::of(&found.into()))
    }

    /// List what is wrong with the file of an import
    ///
    /// What is found last comes first, unless `sort` says otherwise. The first 10000 are kept.
    #[oai(
        path = "/user-imports/:name/rejections",
        method = "get",
        operation_id = "ListUserImportRejections"
    )]
    async fn rejections(
        &self,
        caller: Caller<UserImportsGet>,
        /// The import's name.
        name: Path<UserImportId>,
        asked: ListRequest<super::Rejection>,
    ) -> Result<Written<UserImportRejectionList>> {
        let timeline = asked.timeline();
        let codes: Vec<_> = asked.fields.into_iter().map(|given| given.values).collect();
        let listed = caller
            .run(async |tx| super::rejections(tx, name.0, &codes, &timeline).await)
            .await?;
        Ok(Written::of(&listed.map(Into::into).into()))
    }

    /// Delete an import of users
    ///
    /// And its file. One that goes on is given up; who was added stays.
    #[oai(path = "/user-imports/:name", method = "delete", operation_id = "DeleteUserImport")]
    async fn delete(
        &self,
        caller: Caller<UserImportsDelete>,
        /// Its name.
        name: Path<UserImportId>,
    ) -> Result<NoContent> {
        caller.run(async |tx| super::remove(tx, name.0).await).await?;
        Ok(NoContent::Done)
    }
}
