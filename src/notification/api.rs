//! `/policies/notifications` of the console group.

use super::Notifications;
use crate::{
    access::permission::{PoliciesGet, PoliciesUpdate},
    console::Tag,
    extract::Caller,
    kit::{body::Body, error::Result, object::Versioned},
    setting::wire::{self, policy_objects},
};
use poem_openapi::OpenApi;
use tenantry_boxed::boxed;

policy_objects! {
    /// Who is told of what happens to the tenant.
    NotificationPolicy: Notifications,
    /// Who is told of what happens to the tenant from now on.
    UpdateNotificationPolicyRequest: Notifications
}

/// The operations on the policy.
pub struct Api;

#[OpenApi(tag = "Tag::Policies")]
#[boxed]
impl Api {
    /// See who is told of what
    ///
    /// What the tenant has chosen, else what a new tenant has: owners are mailed of everything.
    #[oai(
        path = "/policies/notifications",
        method = "get",
        operation_id = "GetNotificationPolicy"
    )]
    async fn get_policy(&self, caller: Caller<PoliciesGet>) -> Result<Versioned<NotificationPolicy>> {
        wire::show(&caller).await
    }

    /// Decide who is told of what
    ///
    /// Of each kind of event, the roles whose holders are mailed. Holds for what is told from now on.
    #[oai(
        path = "/policies/notifications",
        method = "put",
        operation_id = "UpdateNotificationPolicy"
    )]
    async fn update_policy(
        &self,
        caller: Caller<PoliciesUpdate>,
        new: Body<UpdateNotificationPolicyRequest, NotificationPolicy>,
    ) -> Result<Versioned<NotificationPolicy>> {
        wire::put(&caller, new).await
    }
}
