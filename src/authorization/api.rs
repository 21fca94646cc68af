//! `/users/{name}/applications` of the console group: the applications that a user signed in to.

use super::wire::{ApplicationPreview, PreviewRequest, UsedApplication, UsedApplicationList};
use crate::{
    access::permission::{UsersApplicationsDelete, UsersApplicationsList, UsersApplicationsPreview},
    account,
    console::Tag,
    extract::{Caller, Own},
    kit::{
        body::Body,
        error::Result,
        http::NoContent,
        json::Written,
        listing::ListRequest,
        text::{ClientId, UserName},
    },
    user,
};
use poem_openapi::{OpenApi, param::Path, payload::Json};
use tenantry_boxed::boxed;

/// The operations on the applications of users.
pub struct Api;

#[OpenApi(tag = "Tag::Sessions")]
#[boxed]
impl Api {
    /// List the applications that one signed in to
    ///
    /// Those that may do something: one has a session of the user, or was let have one, by name, unless `sort`
    /// says otherwise.
    #[oai(
        path = "/users/-/applications",
        method = "get",
        operation_id = "ListCurrentUserApplications"
    )]
    async fn list_own(
        &self,
        caller: Own<UsersApplicationsList>,
        asked: ListRequest<UsedApplication>,
    ) -> Result<Written<UsedApplicationList>> {
        let used = caller
            .run(async |tx| account::used_applications(tx, caller.user).await)
            .await?;
        Ok(Written::of(&UsedApplication::list(used, &asked)?))
    }

    /// End what an application may do for oneself
    ///
    /// Its sessions and tokens end at once, and it asks anew before it gets others.
    #[oai(
        path = "/users/-/applications/:application",
        method = "delete",
        operation_id = "EndCurrentUserApplication"
    )]
    async fn end_own(
        &self,
        caller: Own<UsersApplicationsDelete>,
        /// The application's name: its `client_id`.
        application: Path<ClientId>,
    ) -> Result<NoContent> {
        caller
            .run(async |tx| account::end_use(tx, caller.user, &application).await)
            .await?;
        Ok(NoContent::Done)
    }

    /// List the applications that a user signed in to
    ///
    /// Those that may do something: one has a session of the user, or was let have one, by name, unless `sort`
    /// says otherwise.
    #[oai(
        path = "/users/:name/applications",
        method = "get",
        operation_id = "ListUserApplications"
    )]
    async fn list(
        &self,
        caller: Caller<UsersApplicationsList>,
        /// The user's name.
        name: Path<UserName>,
        asked: ListRequest<UsedApplication>,
    ) -> Result<Written<UsedApplicationList>> {
        let used = caller
            .run(async |tx| {
                let user = user::get(tx, &name).await?.user.id;
                account::used_applications(tx, user).await
            })
            .await?;
        Ok(Written::of(&UsedApplication::list(used, &asked)?))
    }

    /// End what an application may do for a user
    ///
    /// Its sessions and tokens end at once, and it asks anew before it gets others.
    #[oai(
        path = "/users/:name/applications/:application",
        method = "delete",
        operation_id = "EndUserApplication"
    )]
    async fn end(
        &self,
        caller: Caller<UsersApplicationsDelete>,
        /// The user's name.
        name: Path<UserName>,
        /// The application's name: its `client_id`.
        application: Path<ClientId>,
    ) -> Result<NoContent> {
        caller
            .act(async |tx, authority| {
                let user = user::get_managed(tx, &authority, &name).await?;
                account::end_use(tx, user.user.id, &application).await
            })
            .await?;
        Ok(NoContent::Done)
    }

    /// See what an application would be told of a user
    ///
    /// The claims of its tokens and of userinfo, if the user signed in to it now and let it have these scopes.
    /// Nothing is issued, and nobody is asked.
    #[oai(
        path = "/users/:name/applications/:application/preview",
        method = "post",
        operation_id = "PreviewUserApplication"
    )]
    async fn preview(
        &self,
        caller: Caller<UsersApplicationsPreview>,
        /// The user's name.
        name: Path<UserName>,
        /// The application's name: its `client_id`.
        application: Path<ClientId>,
        asked: Body<PreviewRequest>,
    ) -> Result<Json<ApplicationPreview>> {
        let of = (&name.0, &application.0);
        let previewed = account::preview(&caller, caller.server(), of, asked.0.wanted()).await?;
        Ok(Json(previewed.into()))
    }
}
