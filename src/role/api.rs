//! `/roles` of the console group.

use super::{
    Draft,
    wire::{CreateRoleRequest, PatchRoleRequest, Role, RoleList, UpdateRoleRequest, placed},
};
use crate::{
    access::{
        permission::{RolesCreate, RolesDelete, RolesGet, RolesList, RolesUpdate},
        policy,
    },
    console::Tag,
    extract::Caller,
    kit::{
        body::{Body, Patch},
        error::{Code, Result},
        http::NoContent,
        json::Written,
        listing::ListRequest,
        object::Versioned,
        text::RoleName,
    },
};
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use tenantry_boxed::boxed;

fn answer(role: &policy::Role) -> Versioned<Role> {
    Versioned::new(&role.into(), role.made.map_or(1, |made| made.version))
}

/// The roles' operations.
pub struct Api;

#[OpenApi(prefix_path = "/roles", tag = "Tag::Roles")]
#[boxed]
impl Api {
    /// List roles
    ///
    /// Those of the tenant's own making and the built-in ones, by name, unless `sort` says otherwise. A
    /// tenant has up to 500.
    #[oai(path = "/", method = "get", operation_id = "ListRoles")]
    async fn list(&self, caller: Caller<RolesList>, asked: ListRequest<Role>) -> Result<Written<RoleList>> {
        Ok(Written::of(&Role::list(&caller.policy, &asked)?))
    }

    /// Make a role
    ///
    /// Of permissions that the caller has, too.
    #[oai(path = "/", method = "post", operation_id = "CreateRole")]
    async fn create(&self, caller: Caller<RolesCreate>, new: Body<CreateRoleRequest, Role>) -> Result<Versioned<Role>> {
        let Body(CreateRoleRequest { metadata, spec, rules }, as_read) = new;
        let draft = Draft::new(spec, rules);
        let role = caller
            .act(async |tx, authority| {
                let role = super::create(tx, &authority, &metadata.name, draft).await?;
                as_read.check(|| (&role).into())?;
                Ok(role)
            })
            .await
            .map_err(placed)?;
        Ok(answer(&role))
    }

    /// See a role
    ///
    /// With its rules and the roles it inherits.
    #[oai(path = "/:name", method = "get", operation_id = "GetRole")]
    async fn get(
        &self,
        caller: Caller<RolesGet>,
        /// The role's name.
        name: Path<RoleName>,
    ) -> Result<Versioned<Role>> {
        let name = name.0.to_string();
        let role = caller.policy.roles().find(|role| role.name == name);
        Ok(answer(role.ok_or(Code::RoleNotFound)?))
    }

    /// Change a role
    ///
    /// Whole: what the body does not have, the role does not have from now on. Neither the old nor
    /// the new rules may permit what the caller may not, and nobody who has the role may be above
    /// the caller.
    #[oai(path = "/:name", method = "put", operation_id = "UpdateRole")]
    async fn update(
        &self,
        caller: Caller<RolesUpdate>,
        /// The role's name.
        name: Path<RoleName>,
        new: Body<UpdateRoleRequest, Role>,
    ) -> Result<Versioned<Role>> {
        let Body(UpdateRoleRequest { metadata, spec, rules }, as_read) = new;
        let expected = metadata.and_then(|metadata| metadata.version);
        let name = name.0.to_string();
        let draft = |role: &policy::Role| {
            as_read.check(|| role.into())?;
            Ok(Draft::new(spec, rules))
        };
        let role = caller
            .act(async |tx, authority| super::update(tx, &authority, &name, expected, draft).await)
            .await
            .map_err(placed)?;
        Ok(answer(&role))
    }

    /// Change a part of a role
    ///
    /// What is absent stays as it is; lists are replaced whole. Otherwise as the whole change.
    #[oai(path = "/:name", method = "patch", operation_id = "PatchRole")]
    async fn patch(
        &self,
        caller: Caller<RolesUpdate>,
        /// The role's name.
        name: Path<RoleName>,
        new: Patch<PatchRoleRequest, Role>,
    ) -> Result<Versioned<Role>> {
        let Patch(PatchRoleRequest { metadata, spec, rules }, as_read) = new;
        let expected = metadata.and_then(|metadata| metadata.version);
        let name = name.0.to_string();
        let patched = |role: &policy::Role| {
            as_read.check(|| role.into())?;
            Draft::patched(role, spec.unwrap_or_default(), rules)
        };
        let role = caller
            .act(async |tx, authority| super::update(tx, &authority, &name, expected, patched).await)
            .await
            .map_err(placed)?;
        Ok(answer(&role))
    }

    /// Delete a role
    ///
    /// If users have it or roles inherit it, `replacement` says which one takes its place.
    #[oai(path = "/:name", method = "delete", operation_id = "DeleteRole")]
    async fn delete(
        &self,
        caller: Caller<RolesDelete>,
        /// The role's name.
        name: Path<RoleName>,
        /// The role that takes its place.
        replacement: Query<Option<RoleName>>,
    ) -> Result<NoContent> {
        let name = name.0.to_string();
        caller
            .act(async |tx, authority| super::delete(tx, &authority, &name, replacement.0.as_ref()).await)
            .await
            .map_err(placed)?;
        Ok(NoContent::Done)
    }
}
