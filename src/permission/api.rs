//! `/permissions` and the permissions of users, in the console group.

use super::{
    known,
    wire::{
        ExplainRequest, Explanation, GrantRequest, Holder, PermissionItem, PermissionList, SimulateRequest,
        SimulateResponse, UserPermission, WhoCanResponse,
    },
};
use crate::{
    access::permission::{
        PermissionsExplain, PermissionsList, PermissionsSimulate, UsersPermissionsCreate, UsersPermissionsGet,
    },
    console::Tag,
    extract::{Caller, Own},
    kit::{
        body::Body,
        error::{Error, Result},
        id::UserId,
        json::Written,
        listing::ListRequest,
        object::Versioned,
        page::{Cursor, Page},
        text::{Keyword, UserName},
    },
    role,
    user::{self, wire::User},
};
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
use tenantry_boxed::boxed;

/// The operations on permissions.
pub struct Api;

#[OpenApi(tag = "Tag::Permissions")]
#[boxed]
impl Api {
    /// See one's own permissions
    ///
    /// `uiPermissions` are computed from the rules of the caller's roles: each is the
    /// `x-permission` of an operation of these documents, with `@self` if it is only for what is
    /// the caller's own.
    #[oai(
        path = "/users/-/permissions",
        method = "get",
        operation_id = "GetCurrentUserPermissions"
    )]
    async fn get_own(&self, caller: Own<UsersPermissionsGet>) -> Result<Json<UserPermission>> {
        Ok(Json(UserPermission::new(&caller.policy, &caller.me.roles)))
    }

    /// See a user's permissions
    ///
    /// As one's own.
    #[oai(path = "/users/:name/permissions", method = "get", operation_id = "GetPermissions")]
    async fn get(
        &self,
        caller: Caller<UsersPermissionsGet>,
        /// The user's name.
        name: Path<UserName>,
    ) -> Result<Json<UserPermission>> {
        let user = caller.run(async |tx| user::get(tx, &name).await).await?;
        caller.policy.ready(&user.roles).await?;
        Ok(Json(UserPermission::new(&caller.policy, &user.roles)))
    }

    /// Give and take a user's roles
    ///
    /// They have exactly these roles from now on, and `user`. Neither the roles they had nor those
    /// they get may permit what the caller may not. Holds at their next request.
    #[oai(path = "/users/:name/permissions", method = "post", operation_id = "GrantPermission")]
    async fn grant(
        &self,
        caller: Caller<UsersPermissionsCreate>,
        /// The user's name.
        name: Path<UserName>,
        new: Body<GrantRequest>,
    ) -> Result<Versioned<User>> {
        let roles = new.0.roles.iter().map(|role| role.to_lowercase()).collect();
        let user = caller
            .act(async |tx, authority| {
                let user = user::get_managed(tx, &authority, &name).await?;
                user::grant(tx, &authority, user, roles).await
            })
            .await?;
        let user = User::from(user);
        let version = user.version();
        Ok(Versioned::new(&user, version))
    }

    /// List permissions
    ///
    /// Those there are, with the roles that give them, in the order of the program, unless `sort` says
    /// otherwise.
    #[oai(path = "/permissions", method = "get", operation_id = "ListPermissions")]
    async fn list(
        &self,
        caller: Caller<PermissionsList>,
        asked: ListRequest<PermissionItem>,
    ) -> Result<Written<PermissionList>> {
        let policy = caller.policy.clone();
        let known = PermissionItem::known(&asked)?;
        let items = caller.run_blocking(move |stop| {
            policy.decide_each(stop)?;
            Some(known.map(|known| PermissionItem::new(&policy, known)))
        });
        Ok(Written::of(&items.await?.into()))
    }

    /// See who has a permission
    ///
    /// By name of a role and of users who can sign in.
    #[oai(path = "/permissions/-/who-can", method = "get", operation_id = "WhoCan")]
    async fn who_can(
        &self,
        caller: Caller<PermissionsList>,
        /// The resource, such as `users/password`.
        resource: Query<Keyword>,
        /// The verb, such as `update`.
        verb: Query<Keyword>,
        /// The object's name; `*` for all if absent, `-` for their own.
        name: Query<Option<Keyword>>,
        /// Users of a page, 1 to 200; 20 if 0.
        #[oai(default = "Page::default_size")]
        size: Query<u32>,
        /// `nextCursor` of the page before.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<WhoCanResponse>> {
        let known = known(&resource.to_string(), &verb.to_string())?;
        let size = Page::new(None, Some(size.0))?.size;
        let after = cursor.0.map(|cursor| cursor.open::<UserId>("who-can")).transpose()?;
        let name = object(name.0.map(|name| name.to_string()));
        let policy = caller.policy.clone();
        let givers = caller
            .run_blocking(move |stop| super::givers(&policy, known, &name, stop))
            .await?;
        let mut found = caller
            .run(async |tx| super::who_can(tx, givers, after, size + 1).await)
            .await?;
        let more = found.users.len() > size as usize;
        found.users.truncate(size as usize);
        let last = found.users.last().filter(|_| more);
        Ok(Json(WhoCanResponse {
            next_cursor: last.map(|last| Cursor::new("who-can", &last.id).to_string()),
            roles: found.roles,
            everybody: found.everybody,
            users: found
                .users
                .into_iter()
                .map(|user| Holder {
                    name: user.name,
                    display_name: user.display_name,
                })
                .collect(),
        }))
    }

    /// Explain a decision
    ///
    /// Which role and rule allow or deny it, how the role is inherited, and for a denial which
    /// change of roles would permit it.
    #[oai(path = "/permissions/-/explain", method = "post", operation_id = "ExplainPermission")]
    async fn explain(
        &self,
        caller: Caller<PermissionsExplain>,
        asked: Body<ExplainRequest>,
    ) -> Result<Json<Explanation>> {
        let known = known(&asked.resource, &asked.verb)?;
        let name = object(asked.0.name);
        let (roles, disabled) = match (asked.0.user, asked.0.roles) {
            (Some(user), None) => {
                let user = caller.run(async |tx| user::get(tx, &user).await).await?;
                (user.roles, user.user.disabled)
            }
            (None, Some(roles)) => {
                let roles: Vec<String> = roles.iter().map(|role| role.to_lowercase()).collect();
                caller.policy.check_known(&roles)?;
                (roles, false)
            }
            _ => {
                return Err(Error::field(
                    "user",
                    "required",
                    "is required, or roles is, and not both",
                ));
            }
        };
        let policy = caller.policy.clone();
        let explained = caller.run_blocking(move |stop| Explanation::new(&policy, roles, disabled, known, &name, stop));
        Ok(Json(explained.await?))
    }

    /// Try a change of a role
    ///
    /// Answers with every decision that would change if the role were saved so, or deleted;
    /// nothing is saved. The draft is checked as if it were.
    #[oai(
        path = "/permissions/-/simulate",
        method = "post",
        operation_id = "SimulateRoleChange"
    )]
    async fn simulate(
        &self,
        caller: Caller<PermissionsSimulate>,
        asked: Body<SimulateRequest>,
    ) -> Result<Json<SimulateResponse>> {
        let SimulateRequest {
            role: name,
            draft,
            replacement,
        } = asked.0;
        let name = name.to_string();
        let replacement = replacement.map(|role| role.to_string());
        let policy = caller.policy.clone();
        policy.check_known(replacement.as_slice())?;
        // Only what is deleted is replaced.
        let replacement = replacement.filter(|_| draft.is_none());
        let draft = draft.map(|draft| role::Draft::new(draft.spec, draft.rules));
        let (new, (sets, complete)) = caller
            .run(async |tx| {
                let new = role::preview(tx, &policy, &name, draft, replacement.as_deref()).await?;
                let affected = super::affected(tx, &policy, &new, &name).await?;
                Ok((new, affected))
            })
            .await
            .map_err(role::wire::placed)?;
        let found = caller
            .run_blocking(move |stop| super::simulate(&policy, &new, &sets, &name, replacement.as_deref(), stop))
            .await?;
        Ok(Json(SimulateResponse {
            changes: found.differences.into_iter().map(Into::into).collect(),
            complete: found.complete && complete,
        }))
    }
}

/// The object of a question, as rules name it.
fn object(name: Option<String>) -> String {
    let name = name.map(|name| name.to_lowercase()).filter(|name| !name.is_empty());
    name.unwrap_or_else(|| "*".to_owned())
}
