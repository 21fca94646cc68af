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
        error::{Code, Result},
        http::{Body, NoContent, Patch},
        json::Written,
        object::{Expected, Versioned},
        text::RoleName,
    },
};
use poem_openapi::{
    OpenApi,
    param::{Header, Path, Query},
};

fn answer(role: &policy::Role) -> Versioned<Role> {
    Versioned::new(&role.into(), role.made.map_or(1, |(_, version)| version))
}

/// The roles' operations.
pub struct Api;

#[OpenApi(prefix_path = "/roles", tag = "Tag::Roles")]
impl Api {
    /// List roles
    ///
    /// Those of the tenant's own making and the built-in ones, by name. A tenant has up to 500.
    #[oai(path = "/", method = "get", operation_id = "ListRoles")]
    async fn list(&self, caller: Caller<RolesList>) -> Result<Written<RoleList>> {
        Ok(Written::of(&RoleList::new(&caller.policy)))
    }

    /// Make a role
    ///
    /// Of permissions that the caller has, too.
    #[oai(path = "/", method = "post", operation_id = "CreateRole")]
    async fn create(&self, caller: Caller<RolesCreate>, new: Body<CreateRoleRequest>) -> Result<Versioned<Role>> {
        let CreateRoleRequest { metadata, spec, rules } = new.0;
        let draft = Draft::new(spec, rules);
        let role = caller
            .act(async |tx, authority| super::create(tx, &authority, &metadata.name, draft).await)
            .await
            .map_err(placed)?;
        Ok(answer(&role))
    }

    /// See a role
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
        /// The version the change is meant for, as an entity tag.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        new: Body<UpdateRoleRequest>,
    ) -> Result<Versioned<Role>> {
        let UpdateRoleRequest { metadata, spec, rules } = new.0;
        let expected = Expected::new(if_match, metadata);
        let name = name.0.to_string();
        let draft = Draft::new(spec, rules);
        let role = caller
            .act(async |tx, authority| super::update(tx, &authority, &name, expected, |_| Ok(draft)).await)
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
        /// The version the change is meant for, as an entity tag.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        new: Patch<PatchRoleRequest>,
    ) -> Result<Versioned<Role>> {
        let PatchRoleRequest { metadata, spec, rules } = new.0;
        let expected = Expected::new(if_match, metadata);
        let name = name.0.to_string();
        let patched = |role: &policy::Role| Draft::patched(role, spec.unwrap_or_default(), rules);
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
        /// The version the deletion is meant for, as an entity tag.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Result<NoContent> {
        let expected = Expected::new(if_match, None);
        let name = name.0.to_string();
        caller
            .act(async |tx, authority| super::delete(tx, &authority, &name, expected, replacement.0.as_ref()).await)
            .await
            .map_err(placed)?;
        Ok(NoContent::Done)
    }
}
