//! Changes of the tenant's roles, and whether the caller may make them.

use super::{
    check_size, delete_parents,
    entity::{Column, Entity, parent},
};
use crate::{
    access::{Authority, Policy, policy::Role},
    application,
    kit::{
        db::Tx,
        error::{Code, Result},
        total,
    },
    user,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use std::sync::Arc;

/// Whom a change of a role is about: everybody who has it, or a role that inherits it.
pub(super) struct Reach<'a> {
    authority: &'a Authority,
    name: &'a str,
    /// Roles that permit what the caller's do not, if anybody has the role.
    above: Option<Vec<String>>,
}

/// A change of roles that the caller may make. The rows of what roles inherit are written with one.
pub(super) struct Change {
    after: Arc<Policy>,
    /// Whether it can take something from somebody.
    takes: bool,
}

impl<'a> Reach<'a> {
    /// Of a role that nobody can have yet.
    pub(super) fn of_none(authority: &'a Authority, name: &'a str) -> Self {
        Self {
            authority,
            name,
            above: None,
        }
    }

    /// Of a role that is there.
    ///
    /// # Errors
    /// [`Code::Escalation`] if somebody who has it may do what the caller may not.
    pub(super) async fn of(tx: &Tx, authority: &'a Authority, name: &'a str) -> Result<Self> {
        authority.may_give(&[name.to_owned()]).await?;
        let roles = authority.policy.roles().map(|role| &role.name);
        let inherits = |role: &&String| authority.policy.closure(role).iter().any(|parent| parent == name);
        let affected: Vec<String> = roles.filter(inherits).cloned().collect();
        let above = authority.above().await?;
        let by_user = user::holds_both(tx, &affected, &above).await?;
        if by_user || application::holds_both(tx, &affected, &above).await? {
            return Err(Code::Escalation.into());
        }
        Ok(Self {
            authority,
            name,
            above: Some(above),
        })
    }

    /// The change after which the tenant's roles are these, if the caller may make it. `gives` is the
    /// role that people get by it.
    ///
    /// # Errors
    /// A role would be larger than one may be; [`Code::Escalation`].
    pub(super) async fn permit(self, after: Arc<Policy>, gives: Option<&str>) -> Result<Change> {
        check_size(&self.authority.policy, &after).await?;
        if let Some(role) = gives {
            self.authority.may_give_in(&after, &[role.to_owned()]).await?;
        }
        self.check_heirs(&after).await?;
        Ok(Change {
            after,
            takes: self.above.is_some(),
        })
    }

    /// A role that inherits another may permit more when that one changes: a denial that goes gives
    /// what it denied.
    async fn check_heirs(&self, after: &Arc<Policy>) -> Result<()> {
        let before = &self.authority.policy;
        let above = self.above.as_deref().unwrap_or_default();
        let heirs = before.roles().map(|role| &role.name).filter(|role| {
            let inherits = before.closure(role).iter().any(|parent| parent == self.name);
            // Nobody has one that is above the caller already: they would be above, too.
            *role != self.name && inherits && !above.contains(role)
        });
        for role in heirs {
            self.authority.may_give_in(after, std::slice::from_ref(role)).await?;
        }
        Ok(())
    }
}

impl Change {
    /// Writes what a role inherits.
    pub(super) async fn set_parents(&self, tx: &Tx, role: &Role) -> Result<()> {
        delete_parents(tx, &role.name).await?;
        if role.inherits.is_empty() {
            return Ok(());
        }
        let rows = role.inherits.iter().map(|parent| parent::ActiveModel {
            role: Set(role.name.clone()),
            parent: Set(parent.clone()),
        });
        parent::Entity::insert_many(rows).exec_without_returning(tx).await?;
        Ok(())
    }

    /// Writes what another role inherits, and that it was written.
    pub(super) async fn inherit(&self, tx: &Tx, role: &Role) -> Result<()> {
        let version = role.made.unwrap_or_default().version;
        let query = Entity::update_many()
            .col_expr(Column::Version, Expr::value(version))
            .col_expr(Column::UpdatedAt, Expr::value(tx.now));
        query.filter(Column::Name.eq(&role.name)).exec(tx).await?;
        self.set_parents(tx, role).await
    }

    /// Makes everybody read the roles anew.
    ///
    /// # Errors
    /// [`Code::LastOwner`].
    pub(super) async fn end(self, tx: &Tx) -> Result<()> {
        total::add(tx, total::POLICY, 1).await?;
        match self.takes {
            true => user::ensure_owner(tx, &self.after).await,
            false => Ok(()),
        }
    }
}
