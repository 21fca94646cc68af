//! `/invitations` of the console group.

use super::Invitation as Open;
use crate::{
    access::permission::{InvitationsCreate, InvitationsDelete, InvitationsList},
    console::Tag,
    extract::Caller,
    kit::{
        body::Body,
        error::Result,
        http::NoContent,
        id::VerificationId,
        json::Written,
        listing::{ListRequest, Listing},
        object::Metadata,
        page::page_object,
        text::{Email, Language, RoleName, address_key},
        time::Timestamp,
    },
    limit::RateLimiter,
    message::MailOptions,
};
use poem_openapi::{Object, OpenApi, param::Path};
use serde::Serialize;
use tenantry_boxed::boxed;

/// An invitation to sign up.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    /// `v1alpha1`.
    api_version: String,
    /// `Invitation`.
    kind: String,
    metadata: Metadata,
    spec: InvitationSpec,
    status: InvitationStatus,
}

/// Who is invited.
#[derive(Debug, Object, Serialize)]
pub struct InvitationSpec {
    /// Their address.
    email: String,
    /// The roles that they will have besides those that everybody has who signs up.
    roles: Vec<String>,
}

/// What became of an invitation.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct InvitationStatus {
    /// Until when it is open.
    expires_at: Timestamp,
}

page_object!(
    /// One page of the invitations that are open.
    InvitationList of Invitation
);

/// An invitation that is to be mailed.
#[derive(Debug, Object)]
pub struct CreateInvitationRequest {
    spec: NewInvitationSpec,
}

/// Who is to be invited.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct NewInvitationSpec {
    /// Their address.
    email: Email,
    /// The language of the mail; else that of `Accept-Language`.
    language: Option<Language>,
    /// The application they are invited to, by the name it has in the branding policy.
    #[oai(validator(max_length = 200))]
    client_id: Option<String>,
    /// The roles that they will have besides those that everybody has who signs up. They must be the caller's own to
    /// give.
    #[oai(default, validator(max_items = 20))]
    roles: Vec<RoleName>,
}

impl Listing for Open {
    type Field = ();
    type Order = ();
    const FIELDS: &'static [(&'static str, ())] = &[("spec.email", ())];
    const ORDERS: &'static [(&'static str, ())] = &[("metadata.creationTimestamp", ())];
}

impl From<Open> for Invitation {
    fn from(open: Open) -> Self {
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "Invitation".to_owned(),
            metadata: Metadata::of(&open.id, open.created_at),
            spec: InvitationSpec {
                email: open.address,
                roles: open.roles,
            },
            status: InvitationStatus {
                expires_at: open.expires_at.into(),
            },
        }
    }
}

/// The invitations' operations.
pub struct Api;

#[OpenApi(prefix_path = "/invitations", tag = "Tag::Users")]
#[boxed]
impl Api {
    /// List open invitations
    ///
    /// Newest first, unless `sort` says otherwise.
    #[oai(path = "/", method = "get", operation_id = "ListInvitations")]
    async fn list(&self, caller: Caller<InvitationsList>, asked: ListRequest<Open>) -> Result<Written<InvitationList>> {
        let timeline = asked.timeline();
        let fields = asked.fields.into_iter();
        let to: Vec<_> = fields.map(|given| given.values.mapped(address_key)).collect();
        let open = caller.run(async |tx| super::list(tx, &to, &timeline).await).await?;
        Ok(Written::of(&open.map(Into::into).into()))
    }

    /// Invite somebody
    ///
    /// Mails a link to sign up with, good for 7 days and one account, also where sign-up is for
    /// invited people only. One that was open for the same address ends. Within the limits of codes, but for
    /// that of a network. Whoever signs up by it has the roles that the invitation names.
    #[oai(path = "/", method = "post", operation_id = "CreateInvitation")]
    async fn create(
        &self,
        caller: Caller<InvitationsCreate>,
        new: Body<CreateInvitationRequest>,
    ) -> Result<Written<Invitation>> {
        let spec = new.0.spec;
        let options = MailOptions {
            language: spec.language.or(caller.peer.language),
            client_id: spec.client_id.as_deref(),
        };
        let roles: Vec<_> = spec.roles.iter().map(ToString::to_string).collect();
        let made = caller
            .act(async |tx, authority| {
                authority.policy.check_known(&roles)?;
                authority.may_give(&roles).await?;
                let limiter = RateLimiter::read(tx, &caller.services.master, &caller.peer).await?;
                let email = &spec.email;
                let new = super::NewInvitation { email, roles, options };
                super::create(tx, &limiter, new).await
            })
            .await?;
        Ok(Written::of(&made.into()))
    }

    /// Withdraw an invitation
    ///
    /// Its link is not taken any more.
    #[oai(path = "/:invitation", method = "delete", operation_id = "DeleteInvitation")]
    async fn withdraw(
        &self,
        caller: Caller<InvitationsDelete>,
        /// The invitation's id.
        invitation: Path<VerificationId>,
    ) -> Result<NoContent> {
        caller.run(async |tx| super::withdraw(tx, invitation.0).await).await?;
        Ok(NoContent::Done)
    }
}
