//! `/settings` of the system group.

use super::Tag;
use crate::{
    access::permission::{SettingsDelete, SettingsGet, SettingsList, SettingsUpdate},
    extract::Caller,
    instance::wire::{
        self, Change, InstanceSetting, InstanceSettingList, PatchInstanceSettingRequest, UpdateInstanceSettingRequest,
    },
    kit::{
        body::{AsRead, Body, Patch},
        error::Result,
        http::NoContent,
        json::Written,
        object::Versioned,
        text::PolicyName,
    },
};
use poem_openapi::{OpenApi, param::Path};
use tenantry_boxed::boxed;

/// The operations on settings of the instance.
pub struct Settings;

#[OpenApi(prefix_path = "/settings", tag = "Tag::Settings")]
#[boxed]
impl Settings {
    /// List what the instance decides for all tenants
    ///
    /// Each policy that tenants have and inherit: what a tenant does not decide itself is as it is here.
    #[oai(path = "/", method = "get", operation_id = "ListInstanceSettings")]
    async fn list(&self, caller: Caller<SettingsList>) -> Result<Written<InstanceSettingList>> {
        let listed = caller.read_system(async |tx| wire::list(tx).await).await?;
        Ok(Written::by_tree(&listed))
    }

    /// See what the instance decides for all tenants
    ///
    /// The members of a policy, which of them the instance decided, and which no tenant decides otherwise.
    #[oai(path = "/:name", method = "get", operation_id = "GetInstanceSetting")]
    async fn get(
        &self,
        caller: Caller<SettingsGet>,
        /// The policy.
        name: Path<PolicyName>,
    ) -> Result<Versioned<InstanceSetting>> {
        caller.read_system(async |tx| wire::get(tx, name.as_str()).await).await
    }

    /// Decide for all tenants
    ///
    /// What is absent is as by default. Holds from the next request of every tenant on, but for the members that a tenant
    /// decided itself and that are not locked. What a tenant decided and is locked now is kept, and holds again when it
    /// is locked no more.
    #[oai(path = "/:name", method = "put", operation_id = "UpdateInstanceSetting")]
    async fn put(
        &self,
        caller: Caller<SettingsUpdate>,
        /// The policy.
        name: Path<PolicyName>,
        new: Body<UpdateInstanceSettingRequest, InstanceSetting>,
    ) -> Result<Versioned<InstanceSetting>> {
        let Body(new, as_read) = new;
        wire::change(&caller, name.as_str(), new.into(), &as_read).await
    }

    /// Decide some of it for all tenants
    ///
    /// What is absent stays as it is; a member that is null is as by default.
    #[oai(path = "/:name", method = "patch", operation_id = "PatchInstanceSetting")]
    async fn patch(
        &self,
        caller: Caller<SettingsUpdate>,
        /// The policy.
        name: Path<PolicyName>,
        new: Patch<PatchInstanceSettingRequest, InstanceSetting>,
    ) -> Result<Versioned<InstanceSetting>> {
        let Patch(new, as_read) = new;
        wire::change(&caller, name.as_str(), new.into(), &as_read).await
    }

    /// Put back what the instance decided
    ///
    /// All of it is as by default, and nothing is locked.
    #[oai(path = "/:name", method = "delete", operation_id = "ResetInstanceSetting")]
    async fn reset(
        &self,
        caller: Caller<SettingsDelete>,
        /// The policy.
        name: Path<PolicyName>,
    ) -> Result<NoContent> {
        wire::change(&caller, name.as_str(), Change::default(), &AsRead::none()).await?;
        Ok(NoContent::Done)
    }
}
