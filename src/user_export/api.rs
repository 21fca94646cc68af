//! `/user-exports` of the console group.

use super::wire::{ExportAnswer, ExportFormat};
use crate::{
    access::permission::{UserExportsGet, UserExportsHashesGet},
    account,
    console::Tag,
    extract::Caller,
    kit::{
        error::Result,
        text::{Keyword, RoleName},
    },
};
use poem_openapi::{OpenApi, param::Query};
use tenantry_boxed::boxed;

/// The operations of exports of users.
pub struct Api;

#[OpenApi(tag = "Tag::Users")]
#[boxed]
impl Api {
    /// Export users
    ///
    /// With all that an import takes but for passwords, in the order in which they were made. All filters must be met.
    /// It comes page by page: who is changed meanwhile is exported as before or as after.
    #[oai(path = "/user-exports", method = "get", operation_id = "ExportUsers")]
    async fn export(
        &self,
        caller: Caller<UserExportsGet>,
        /// What the file is like.
        #[oai(default)]
        format: Query<ExportFormat>,
        /// Conditions on labels, as `ListUsers` takes them.
        #[oai(name = "labelSelector", default)]
        labels: Query<Vec<String>>,
        /// Conditions on fields, as `ListUsers` takes them.
        #[oai(name = "fieldSelector", default)]
        fields: Query<Vec<String>>,
        /// What words of the name, display name or address begin with, in any case.
        keyword: Query<Option<Keyword>>,
        /// Name of a role they have.
        role: Query<Option<RoleName>>,
    ) -> Result<ExportAnswer> {
        let asked = format.0.of(false, (&labels.0, &fields.0), (keyword.0, role.0))?;
        let (signed, _) = caller.into_parts();
        Ok(ExportAnswer(account::export_users(signed, asked).await?))
    }

    /// Export users with the hashes of their passwords
    ///
    /// As `ExportUsers`. A hash lets whoever has it try passwords for as long as they like: whoever takes them has signed
    /// in within the last five minutes, and gets none of those who may do what they may not. Hashes of this server's own
    /// making are worth something to a server with the same master key alone.
    #[oai(
        path = "/user-exports/hashes",
        method = "get",
        operation_id = "ExportUsersWithHashes"
    )]
    async fn export_hashes(
        &self,
        caller: Caller<UserExportsHashesGet>,
        /// What the file is like.
        #[oai(default)]
        format: Query<ExportFormat>,
        /// Conditions on labels, as `ListUsers` takes them.
        #[oai(name = "labelSelector", default)]
        labels: Query<Vec<String>>,
        /// Conditions on fields, as `ListUsers` takes them.
        #[oai(name = "fieldSelector", default)]
        fields: Query<Vec<String>>,
        /// What words of the name, display name or address begin with, in any case.
        keyword: Query<Option<Keyword>>,
        /// Name of a role they have.
        role: Query<Option<RoleName>>,
    ) -> Result<ExportAnswer> {
        let asked = format.0.of(true, (&labels.0, &fields.0), (keyword.0, role.0))?;
        let (signed, _) = caller.into_parts();
        Ok(ExportAnswer(account::export_users(signed, asked).await?))
    }
}
